//! The Lambda function `sweep`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::sweep().await
}
