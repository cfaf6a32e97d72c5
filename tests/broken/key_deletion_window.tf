# refused: deletion_window_in_days
# aws: ValidationException: PendingWindowInDays must be between 7 and 30.
resource "aws_kms_key" "main" {
  deletion_window_in_days = 5
}
