//! The Lambda function `sweep`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::sweep().await
}
