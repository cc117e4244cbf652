//! The letters that every sentence is set in, on screen and in reports: Pretendard in two weights, with Hangul.

pub static REGULAR: &[u8] = include_bytes!("../../assets/fonts/Pretendard-Regular.ttf");
pub static SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Pretendard-SemiBold.ttf");
