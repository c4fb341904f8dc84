//! The Lambda function `contract`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::contract().await
}
