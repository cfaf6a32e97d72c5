# refused: RepositoryAlreadyExistsException
# aws: The repository with name 'app' already exists in the registry.
resource "aws_ecr_repository" "a" {
  count = 2
  name  = "app"
}
