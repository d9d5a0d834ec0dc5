# Larder on GKE with Cloud SQL and a bucket, without any key: Workload Identity gives the pods their tokens.
#
#   terraform init && terraform apply -var project=PROJECT -var host=larder.example

terraform {
  required_version = ">= 1.9"
  required_providers {
    google     = { source = "hashicorp/google", version = "~> 7.0" }
    helm       = { source = "hashicorp/helm", version = "~> 3.0" }
    kubernetes = { source = "hashicorp/kubernetes", version = "~> 2.38" }
    random     = { source = "hashicorp/random", version = "~> 3.7" }
  }
}

variable "project" { type = string }
variable "host" { type = string }
variable "region" {
  type    = string
  default = "europe-north1"
}

provider "google" {
  project = var.project
  region  = var.region
}

data "google_client_config" "current" {}

resource "google_project_service" "needed" {
  for_each = toset([
    "compute.googleapis.com", "container.googleapis.com", "servicenetworking.googleapis.com",
    "sqladmin.googleapis.com",
  ])
  service            = each.key
  disable_on_destroy = false
}

resource "google_compute_network" "larder" {
  name                    = "larder"
  auto_create_subnetworks = true
  depends_on              = [google_project_service.needed]
}

# The database has an address in the network alone.
resource "google_compute_global_address" "database" {
  name          = "larder-database"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.larder.id
}

resource "google_service_networking_connection" "database" {
  network                 = google_compute_network.larder.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database.name]
}

# Where clients come in: the address of the Ingress' load balancer.
resource "google_compute_global_address" "ingress" {
  name       = "larder-ingress"
  depends_on = [google_project_service.needed]
}

resource "google_sql_database_instance" "larder" {
  name             = "larder"
  database_version = "POSTGRES_17"
  depends_on       = [google_service_networking_connection.database]
  settings {
    edition           = "ENTERPRISE"
    tier              = "db-custom-2-7680"
    availability_type = "REGIONAL"
    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.larder.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
  }
}

resource "google_sql_database" "larder" {
  name     = "larder"
  instance = google_sql_database_instance.larder.name
}

resource "random_password" "database" {
  length  = 32
  special = false
}

resource "google_sql_user" "larder" {
  name     = "larder"
  instance = google_sql_database_instance.larder.name
  password = random_password.database.result
}

resource "google_storage_bucket" "larder" {
  name                        = "${var.project}-larder"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_container_cluster" "larder" {
  name             = "larder"
  location         = var.region
  network          = google_compute_network.larder.id
  enable_autopilot = true
}

# The Kubernetes service account itself is the principal; no Google account stands in between.
resource "google_storage_bucket_iam_member" "larder" {
  bucket = google_storage_bucket.larder.name
  role   = "roles/storage.objectUser"
  member = join("", [
    "principal://iam.googleapis.com/projects/${data.google_project.current.number}/locations/global/",
    "workloadIdentityPools/${var.project}.svc.id.goog/subject/ns/larder/sa/larder",
  ])
  depends_on = [google_container_cluster.larder]
}

data "google_project" "current" {}

provider "kubernetes" {
  host                   = "https://${google_container_cluster.larder.endpoint}"
  token                  = data.google_client_config.current.access_token
  cluster_ca_certificate = base64decode(google_container_cluster.larder.master_auth[0].cluster_ca_certificate)
}

provider "helm" {
  kubernetes = {
    host                   = "https://${google_container_cluster.larder.endpoint}"
    token                  = data.google_client_config.current.access_token
    cluster_ca_certificate = base64decode(google_container_cluster.larder.master_auth[0].cluster_ca_certificate)
  }
}

resource "kubernetes_namespace" "larder" {
  metadata {
    name   = "larder"
    labels = { "pod-security.kubernetes.io/enforce" = "restricted" }
  }
}

resource "kubernetes_secret" "larder" {
  metadata {
    name      = "larder"
    namespace = kubernetes_namespace.larder.metadata[0].name
  }
  data = {
    DB_URL = join("", [
      "postgresql://larder:${random_password.database.result}@",
      "${google_sql_database_instance.larder.private_ip_address}/larder?sslmode=require",
    ])
    STORAGE_BUCKET = "gs://${google_storage_bucket.larder.name}/larder"
  }
}

resource "helm_release" "larder" {
  name       = "larder"
  namespace  = kubernetes_namespace.larder.metadata[0].name
  repository = "oci://ghcr.io/owner/charts"
  chart      = "larder"
  version    = "0.1.0"
  # A start may wait for the database and bring its tables up to date.
  timeout = 1200
  values = [templatefile("${path.module}/values.yaml", {
    host         = var.host
    address      = google_compute_global_address.ingress.address
    address_name = google_compute_global_address.ingress.name
    secret       = kubernetes_secret.larder.metadata[0].name
  })]
  depends_on = [google_sql_user.larder, google_sql_database.larder, google_storage_bucket_iam_member.larder]
}

output "address" {
  description = "What the host's A record names; the certificate is made once it does."
  value       = google_compute_global_address.ingress.address
}
