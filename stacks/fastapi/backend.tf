terraform {
  backend "local" {
    path          = "../../state/fastapi/terraform.tfstate"
    workspace_dir = "../../state/fastapi"
  }
}
