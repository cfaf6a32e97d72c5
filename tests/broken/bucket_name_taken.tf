# refused: BucketAlreadyOwnedByYou
# aws: Your previous request to create the named bucket succeeded and you already own it.
# == elsewhere ==
resource "aws_s3_bucket" "main" {
  bucket = "a-bucket-that-is-taken"
}
# == plan ==
resource "aws_s3_bucket" "main" {
  bucket = "a-bucket-that-is-taken"
}
