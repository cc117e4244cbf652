"""Makes `tensorboard.bin`: four records of an event file, as PyPI's tensorboard writes them.

Call it with no arguments, with tensorboard installed: python tests/reference/make_tensorboard.py
"""
import io
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

TEXT = summary_pb2.Summary.Value(
    tag="settings",
    metadata=summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text")),
    tensor=tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)]),
        string_val=["감성 `a`".encode()],
    ),
)
IMAGE = summary_pb2.Summary.Value(
    tag="test/matrix",
    image=summary_pb2.Summary.Image(height=3, width=3, colorspace=3, encoded_image_string=b"\x89PNG bytes"),
)
SCALARS = [
    summary_pb2.Summary.Value(tag="train/loss", simple_value=0.693),
    summary_pb2.Summary.Value(tag="train/accuracy", simple_value=0.0),
]
EVENTS = [
    event_pb2.Event(wall_time=1764000000.0, file_version="brain.Event:2"),
    event_pb2.Event(wall_time=1764000001.5, step=7, summary=summary_pb2.Summary(value=SCALARS)),
    event_pb2.Event(wall_time=1764000002.25, step=300, summary=summary_pb2.Summary(value=[IMAGE])),
    event_pb2.Event(wall_time=1764000003.0, step=300, summary=summary_pb2.Summary(value=[TEXT])),
]

buffer = io.BytesIO()
writer = RecordWriter(buffer)
for event in EVENTS:
    writer.write(event.SerializeToString())
Path(__file__).with_name("tensorboard.bin").write_bytes(buffer.getvalue())
