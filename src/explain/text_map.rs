//! The map of texts: their vectors after each layer of a model, before and after fine-tuning, in two dimensions.

pub mod pca;
pub mod probe;
pub mod tsne;
pub mod vectors;
