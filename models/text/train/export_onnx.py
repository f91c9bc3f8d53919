"""Writes multinomial Naive Bayes as an ONNX graph: one product, one sum, softmax and the largest.

Both the log-probabilities of a feature and the log-priors are written less their mean over the classes. That
takes the same from every class, so it changes no probability, but leaves small numbers: float32 then keeps
three digits more of what tells the classes apart.
"""

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper
from sklearn.naive_bayes import MultinomialNB


def to_onnx(bayes: MultinomialNB, input_name: str) -> ModelProto:
    """`input_name` FP32 [batch, features] -> label INT64 [batch], probabilities FP32 [batch, classes]."""
    classes, features = bayes.feature_log_prob_.shape
    weights = bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)
    prior = bayes.class_log_prior_ - bayes.class_log_prior_.mean()
    nodes = [
        helper.make_node("MatMul", [input_name, "weights"], ["evidence"]),
        helper.make_node("Add", ["evidence", "prior"], ["scores"]),
        helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "text",
        [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["batch", features])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]),
        ],
        [
            numpy_helper.from_array(weights.T.astype(np.float32), "weights"),
            numpy_helper.from_array(prior.astype(np.float32), "prior"),
        ],
    )
    model = helper.make_model(
        graph,
        producer_name="pilotlight",
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    checker.check_model(model)
    return model
