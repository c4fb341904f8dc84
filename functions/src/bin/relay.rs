//! The Lambda function `relay`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::relay().await
}
