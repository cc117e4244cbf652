//! The messages of TensorBoard's event files, as far as a run needs them (`tensorflow/core/util/event.proto`,
//! `framework/summary.proto`, `framework/tensor.proto`).

use prost::Message;

/// The number of the type of texts in `framework/types.proto`.
const DT_STRING: i32 = 7;
/// The colours of a picture are red, green and blue.
const RGB: i32 = 3;

#[derive(Clone, PartialEq, Message)]
pub struct Event {
    /// Seconds from 1970.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// Only the first event of a file has it.
    #[prost(string, optional, tag = "3")]
    pub file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<Value>,
}

/// One number, picture or text.
#[derive(Clone, PartialEq, Message)]
pub struct Value {
    #[prost(string, tag = "1")]
    pub tag: String,
    #[prost(float, optional, tag = "2")]
    pub simple_value: Option<f32>,
    #[prost(message, optional, tag = "4")]
    pub image: Option<Image>,
    #[prost(message, optional, tag = "8")]
    pub tensor: Option<Tensor>,
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Image {
    #[prost(int32, tag = "1")]
    pub height: i32,
    #[prost(int32, tag = "2")]
    pub width: i32,
    #[prost(int32, tag = "3")]
    pub colorspace: i32,
    /// The bytes of a PNG file.
    #[prost(bytes = "vec", tag = "4")]
    pub encoded_image_string: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub plugin_data: Option<PluginData>,
}

#[derive(Clone, PartialEq, Message)]
pub struct PluginData {
    #[prost(string, tag = "1")]
    pub plugin_name: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    #[prost(int32, tag = "1")]
    pub dtype: i32,
    #[prost(message, optional, tag = "2")]
    pub tensor_shape: Option<TensorShape>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub string_val: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TensorShape {
    #[prost(message, repeated, tag = "2")]
    pub dim: Vec<Dim>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Dim {
    #[prost(int64, tag = "1")]
    pub size: i64,
}

pub fn scalar(tag: &str, x: f64) -> Value {
    Value { tag: tag.to_owned(), simple_value: Some(x as f32), ..Value::default() }
}

/// A square picture of so many pixels each way, as a PNG file.
pub fn image(tag: &str, size: u32, png: Vec<u8>) -> Value {
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    let image = Image { height: size, width: size, colorspace: RGB, encoded_image_string: png };
    Value { tag: tag.to_owned(), image: Some(image), ..Value::default() }
}

/// A text in Markdown.
pub fn text(tag: &str, text: &str) -> Value {
    let shape = TensorShape { dim: vec![Dim { size: 1 }] };
    let tensor = Tensor { dtype: DT_STRING, tensor_shape: Some(shape), string_val: vec![text.as_bytes().to_vec()] };
    let metadata = Metadata { plugin_data: Some(PluginData { plugin_name: "text".to_owned() }) };
    Value { tag: tag.to_owned(), tensor: Some(tensor), metadata: Some(metadata), ..Value::default() }
}
