# refused: BucketAlreadyOwnedByYou
# aws: Your previous request to create the named bucket succeeded and you already own it.
resource "aws_s3_bucket" "a" {
  count  = 2
  bucket = "a-bucket-of-two"
}
