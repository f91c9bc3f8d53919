"""Writes a scikit-learn random forest as an ONNX graph of one node, with the probabilities as a tensor.

The general converter would do, but three things matter here and are plain to see in 100 lines: the names and
shapes of the outputs, rounding of the thresholds, and bytes that are the same on every run.
"""

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper
from sklearn.ensemble import RandomForestClassifier


def round_down(threshold: float) -> float:
    """The largest float32 that is not above `threshold`.

    scikit-learn compares a float32 feature with a float64 threshold, ONNX Runtime with a float32 one. For
    float32 x, `x <= t` is the same as `x <= round_down(t)`; rounding to nearest would send an x that lies
    between t and its float32 neighbour down the other branch, and move probabilities by up to 0.03.
    """
    nearest = np.float32(threshold)
    if float(nearest) > threshold:
        nearest = np.nextafter(nearest, np.float32(-np.inf))
    return float(nearest)


def to_onnx(forest: RandomForestClassifier, input_name: str, features: int) -> ModelProto:
    """The forest as ONNX: `input_name` FP32 [batch, features] -> label INT64 [batch], probabilities."""
    trees = len(forest.estimators_)
    classes = len(forest.classes_)
    # Dividing by a power of two is exact, so probabilities add up to 1 and never pass it by an ulp.
    assert trees & (trees - 1) == 0, "the number of trees must be a power of two"

    nodes: dict[str, list] = {name: [] for name in NODE_ATTRIBUTES}
    leaves: dict[str, list] = {name: [] for name in LEAF_ATTRIBUTES}
    for tree_id, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        for node_id in range(tree.node_count):
            is_leaf = tree.children_left[node_id] == -1
            nodes["nodes_treeids"].append(tree_id)
            nodes["nodes_nodeids"].append(node_id)
            nodes["nodes_modes"].append("LEAF" if is_leaf else "BRANCH_LEQ")
            nodes["nodes_featureids"].append(0 if is_leaf else int(tree.feature[node_id]))
            nodes["nodes_values"].append(0.0 if is_leaf else round_down(tree.threshold[node_id]))
            nodes["nodes_truenodeids"].append(0 if is_leaf else int(tree.children_left[node_id]))
            nodes["nodes_falsenodeids"].append(0 if is_leaf else int(tree.children_right[node_id]))
            if is_leaf:
                share = tree.value[node_id, 0] / tree.value[node_id, 0].sum()
                for class_id in range(classes):
                    leaves["class_treeids"].append(tree_id)
                    leaves["class_nodeids"].append(node_id)
                    leaves["class_ids"].append(class_id)
                    leaves["class_weights"].append(float(share[class_id]) / trees)

    node = helper.make_node(
        "TreeEnsembleClassifier",
        [input_name],
        ["label", "probabilities"],
        domain="ai.onnx.ml",
        name="forest",
        post_transform="NONE",
        classlabels_int64s=[int(value) for value in forest.classes_],
        **nodes,
        **leaves,
    )
    graph = helper.make_graph(
        [node],
        "iris",
        [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["batch", features])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]),
        ],
    )
    model = helper.make_model(
        graph,
        producer_name="pilotlight",
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=8,
    )
    checker.check_model(model)
    return model


NODE_ATTRIBUTES = [
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_modes",
    "nodes_featureids",
    "nodes_values",
    "nodes_truenodeids",
    "nodes_falsenodeids",
]
LEAF_ATTRIBUTES = ["class_treeids", "class_nodeids", "class_ids", "class_weights"]
