//! The Lambda function `stores`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::stores().await
}
