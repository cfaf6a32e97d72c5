# refused: assume_role_policy
# aws: MalformedPolicyDocument: the policy is no JSON.
resource "aws_iam_role" "main" {
  name               = "main"
  assume_role_policy = "{ not json"
}
