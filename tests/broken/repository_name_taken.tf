# refused: RepositoryAlreadyExistsException
# aws: The repository with that name already exists in the registry.
# == elsewhere ==
resource "aws_ecr_repository" "main" {
  name = "taken"
}
# == plan ==
resource "aws_ecr_repository" "main" {
  name = "taken"
}
