# refused: bucket
# aws: InvalidBucketName: The specified bucket is not valid.
resource "aws_s3_bucket" "main" {
  bucket = "Not_A_Bucket"
}
