//! The Lambda function `dispatch`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::dispatch().await
}
