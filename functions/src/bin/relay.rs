//! The Lambda function `relay`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::relay().await
}
