#!/usr/bin/env python3
"""Build the ONNX graph of all-MiniLM-L6-v2: the model without its weights, from tokens to unit vectors.

    python scripts/build-embedding-graph.py          write the graph
    python scripts/build-embedding-graph.py --check  fail if the graph is not up to date

Needs `onnx` (python-runtime/requirements-dev.txt). The weights stay in `model.safetensors` of the model; the graph
refers to them by the same names. Neither PyTorch nor an exported model is needed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from onnx import ModelProto, NodeProto, TensorProto, helper

GRAPH = Path(__file__).resolve().parent.parent / "python-runtime" / "src" / "ktx_daemon" / "embeddings" / "minilm.onnx"

# The model's config.json and 1_Pooling/config.json.
LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
VOCABULARY, POSITIONS, TOKEN_TYPES = 30522, 512, 2
LAYER_NORM_EPSILON = 1e-12
POOLING_EPSILON = 1e-9  # avoids a division by zero for texts without tokens, as in sentence-transformers
# The oldest opset with Gelu, so that the runtime of every supported Python can read it.
OPSET, IR_VERSION = 20, 9


class Graph:
    """Nodes and tensors; each method adds nodes and returns the name of their result."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.tensors: list[TensorProto] = []

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Add one node."""
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def integers(self, *values: int) -> str:
        """Add a list of integers."""
        return self._constant(TensorProto.INT64, [len(values)], values)

    def number(self, value: float) -> str:
        """Add one number."""
        return self._constant(TensorProto.FLOAT, [], [value])

    def weight(self, name: str, *shape: int) -> str:
        """Add a tensor of the weights file, which the runtime receives separately from the graph."""
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="not-given")
        self.tensors.append(tensor)
        return name

    def linear(self, x: str, name: str, outputs: int, inputs: int) -> str:
        """Add a linear layer; the weights have one row per output, as in PyTorch."""
        weight = self.node("Transpose", self.weight(f"{name}.weight", outputs, inputs), perm=[1, 0])
        return self.node("Add", self.node("MatMul", x, weight), self.weight(f"{name}.bias", outputs))

    def layer_norm(self, x: str, name: str) -> str:
        """Add a layer normalisation over the width."""
        scale, bias = self.weight(f"{name}.weight", WIDTH), self.weight(f"{name}.bias", WIDTH)
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def _constant(self, kind: int, shape: list[int], values: object) -> str:
        name = f"c{len(self.tensors)}"
        self.tensors.append(helper.make_tensor(name, kind, shape, values))
        return name


def build() -> ModelProto:
    """Return the model: from `input_ids` and `attention_mask`, texts by tokens, to `sentence_embedding`."""
    graph = Graph()
    x = embed(graph)
    bias = attention_bias(graph)
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        attended = attention(graph, x, bias, f"{name}.attention.self")
        attended = graph.linear(attended, f"{name}.attention.output.dense", WIDTH, WIDTH)
        x = graph.layer_norm(graph.node("Add", attended, x), f"{name}.attention.output.LayerNorm")
        inner = graph.node("Gelu", graph.linear(x, f"{name}.intermediate.dense", INNER, WIDTH))
        inner = graph.linear(inner, f"{name}.output.dense", WIDTH, INNER)
        x = graph.layer_norm(graph.node("Add", inner, x), f"{name}.output.LayerNorm")
    pool(graph, x)
    tokens = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    vectors = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["texts", WIDTH])
    graph_proto = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", tokens, [vectors], graph.tensors)
    return helper.make_model(graph_proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def embed(graph: Graph) -> str:
    """Add the embeddings of token, position and token type, which is always the first."""
    words = graph.weight("embeddings.word_embeddings.weight", VOCABULARY, WIDTH)
    positions = graph.weight("embeddings.position_embeddings.weight", POSITIONS, WIDTH)
    types = graph.weight("embeddings.token_type_embeddings.weight", TOKEN_TYPES, WIDTH)
    length = graph.node("Shape", "input_ids", start=1)
    text_positions = graph.node("Slice", positions, graph.integers(0), length, graph.integers(0))
    first = graph.node("Slice", types, graph.integers(0), graph.integers(1), graph.integers(0))
    x = graph.node("Add", graph.node("Gather", words, "input_ids"), graph.node("Add", text_positions, first))
    return graph.layer_norm(x, "embeddings.LayerNorm")


def attention_bias(graph: Graph) -> str:
    """Return the attention bias: 0 for a token, the lowest number for padding."""
    mask = graph.node("Unsqueeze", graph.node("Cast", "attention_mask", to=TensorProto.FLOAT), graph.integers(1, 2))
    padding = graph.node("Sub", graph.number(1.0), mask)
    return graph.node("Mul", padding, graph.number(-3.4028234663852886e38))


def attention(graph: Graph, x: str, bias: str, name: str) -> str:
    """Add multi-head self-attention."""
    shape = graph.integers(0, 0, HEADS, WIDTH // HEADS)

    def heads(part: str, perm: list[int]) -> str:
        projected = graph.linear(x, f"{name}.{part}", WIDTH, WIDTH)
        return graph.node("Transpose", graph.node("Reshape", projected, shape), perm=perm)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.node("Div", graph.node("MatMul", query, key), graph.number((WIDTH / HEADS) ** 0.5))
    weights = graph.node("Softmax", graph.node("Add", scores, bias), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.node("Reshape", mixed, graph.integers(0, 0, WIDTH))


def pool(graph: Graph, x: str) -> None:
    """Add mean pooling over the tokens of a text, and normalise the result to length 1."""
    mask = graph.node("Unsqueeze", graph.node("Cast", "attention_mask", to=TensorProto.FLOAT), graph.integers(2))
    total = graph.node("ReduceSum", graph.node("Mul", x, mask), graph.integers(1), keepdims=0)
    count = graph.node(
        "Max", graph.node("ReduceSum", mask, graph.integers(1), keepdims=0), graph.number(POOLING_EPSILON)
    )
    graph.node("LpNormalization", graph.node("Div", total, count), axis=-1, p=2)
    graph.nodes[-1].output[0] = "sentence_embedding"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build the ONNX graph of all-MiniLM-L6-v2")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    model = build()
    content = model.SerializeToString(deterministic=True)
    if not options.check:
        GRAPH.write_bytes(content)
    elif not GRAPH.exists() or GRAPH.read_bytes() != content:
        print(f"{GRAPH.name} is not up to date. Run: python scripts/build-embedding-graph.py", file=sys.stderr)
        return 1
    print(f"{GRAPH.name} is up to date: {len(content)} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
