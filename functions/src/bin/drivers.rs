//! The Lambda function `drivers`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::drivers().await
}
