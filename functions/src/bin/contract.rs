//! The Lambda function `contract`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::contract().await
}
