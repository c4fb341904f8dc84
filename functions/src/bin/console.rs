//! The Lambda function `console`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::console().await
}
