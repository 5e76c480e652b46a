// What the engine knows of a TensorFlow op; the table itself is generated/ops.ts.

export interface TfArg {
  name: string;
  /** A fixed dtype. */
  type?: string;
  /** The attribute that gives the dtype. */
  typeAttr?: string;
  /** The attribute that counts a list of tensors. */
  numberAttr?: string;
  /** The attribute that lists the dtypes of a list of tensors. */
  typeListAttr?: string;
}

export interface TfOpDef {
  inputs: TfArg[];
  outputs: TfArg[];
  attrs: Record<string, { type: string; default?: unknown }>;
  /** Dtypes by type attribute that a CPU kernel takes; an absent attribute takes any. */
  cpu: Record<string, string[]>;
}
