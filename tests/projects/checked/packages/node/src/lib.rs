use napi_derive::napi;

#[napi]
pub fn shout(text: String) -> String {
    ::shout::shout(&text)
}
