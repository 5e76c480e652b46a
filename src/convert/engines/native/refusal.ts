// Why a model is not converted.

/** An ONNX node that cannot be converted exactly: the reason, without the node's name. */
export class Refusal extends Error {}

/** A model that breaks the rules of ONNX, which no engine could convert: the node, or tensor, and the reason. */
export class InvalidModel extends Error {}
