# refused: recovery_window_in_days
# aws: InvalidParameterException: recovery window must be between 7 and 30 days.
resource "aws_secretsmanager_secret" "main" {
  name                    = "main"
  recovery_window_in_days = 3
}
