import * as $protobuf from "protobufjs";
import Long = require("long");

/** Namespace tensorflow. */
export namespace tensorflow {

    /**
     * Properties of a SavedModel.
     * @deprecated Use tensorflow.SavedModel.$Properties instead.
     */
    interface ISavedModel extends tensorflow.SavedModel.$Properties {
    }

    /** Represents a SavedModel. */
    class SavedModel {

        /**
         * Constructs a new SavedModel.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedModel.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedModel savedModelSchemaVersion. */
        savedModelSchemaVersion: Long;

        /** SavedModel metaGraphs. */
        metaGraphs: tensorflow.MetaGraphDef.$Properties[];

        /**
         * Creates a new SavedModel instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedModel instance
         */
        static create(properties: tensorflow.SavedModel.$Shape): tensorflow.SavedModel & tensorflow.SavedModel.$Shape;
        static create(properties?: tensorflow.SavedModel.$Properties): tensorflow.SavedModel;

        /**
         * Encodes the specified SavedModel message. Does not implicitly {@link tensorflow.SavedModel.verify|verify} messages.
         * @param message SavedModel message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedModel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedModel message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedModel & tensorflow.SavedModel.$Shape} SavedModel
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedModel & tensorflow.SavedModel.$Shape;
    }

    namespace SavedModel {

        /** Properties of a SavedModel. */
        interface $Properties {

            /** SavedModel savedModelSchemaVersion */
            savedModelSchemaVersion?: (Long|null);

            /** SavedModel metaGraphs */
            metaGraphs?: (tensorflow.MetaGraphDef.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedModel. */
        type $Shape = {
          savedModelSchemaVersion?: Long|null;
          metaGraphs?: tensorflow.MetaGraphDef.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a MetaGraphDef.
     * @deprecated Use tensorflow.MetaGraphDef.$Properties instead.
     */
    interface IMetaGraphDef extends tensorflow.MetaGraphDef.$Properties {
    }

    /** Represents a MetaGraphDef. */
    class MetaGraphDef {

        /**
         * Constructs a new MetaGraphDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.MetaGraphDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** MetaGraphDef metaInfoDef. */
        metaInfoDef?: (tensorflow.MetaGraphDef.MetaInfoDef.$Properties|null);

        /** MetaGraphDef graphDef. */
        graphDef?: (tensorflow.GraphDef.$Properties|null);

        /** MetaGraphDef saverDef. */
        saverDef?: (tensorflow.SaverDef.$Properties|null);

        /** MetaGraphDef collectionDef. */
        collectionDef: { [k: string]: tensorflow.CollectionDef.$Properties };

        /** MetaGraphDef signatureDef. */
        signatureDef: { [k: string]: tensorflow.SignatureDef.$Properties };

        /** MetaGraphDef assetFileDef. */
        assetFileDef: tensorflow.AssetFileDef.$Properties[];

        /** MetaGraphDef objectGraphDef. */
        objectGraphDef?: (tensorflow.SavedObjectGraph.$Properties|null);

        /**
         * Creates a new MetaGraphDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns MetaGraphDef instance
         */
        static create(properties: tensorflow.MetaGraphDef.$Shape): tensorflow.MetaGraphDef & tensorflow.MetaGraphDef.$Shape;
        static create(properties?: tensorflow.MetaGraphDef.$Properties): tensorflow.MetaGraphDef;

        /**
         * Encodes the specified MetaGraphDef message. Does not implicitly {@link tensorflow.MetaGraphDef.verify|verify} messages.
         * @param message MetaGraphDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.MetaGraphDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a MetaGraphDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.MetaGraphDef & tensorflow.MetaGraphDef.$Shape} MetaGraphDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.MetaGraphDef & tensorflow.MetaGraphDef.$Shape;
    }

    namespace MetaGraphDef {

        /** Properties of a MetaGraphDef. */
        interface $Properties {

            /** MetaGraphDef metaInfoDef */
            metaInfoDef?: (tensorflow.MetaGraphDef.MetaInfoDef.$Properties|null);

            /** MetaGraphDef graphDef */
            graphDef?: (tensorflow.GraphDef.$Properties|null);

            /** MetaGraphDef saverDef */
            saverDef?: (tensorflow.SaverDef.$Properties|null);

            /** MetaGraphDef collectionDef */
            collectionDef?: ({ [k: string]: tensorflow.CollectionDef.$Properties }|null);

            /** MetaGraphDef signatureDef */
            signatureDef?: ({ [k: string]: tensorflow.SignatureDef.$Properties }|null);

            /** MetaGraphDef assetFileDef */
            assetFileDef?: (tensorflow.AssetFileDef.$Properties[]|null);

            /** MetaGraphDef objectGraphDef */
            objectGraphDef?: (tensorflow.SavedObjectGraph.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a MetaGraphDef. */
        type $Shape = {
          metaInfoDef?: tensorflow.MetaGraphDef.MetaInfoDef.$Shape|null;
          graphDef?: tensorflow.GraphDef.$Shape|null;
          saverDef?: tensorflow.SaverDef.$Shape|null;
          collectionDef?: { [k: string]: tensorflow.CollectionDef.$Shape }|null;
          signatureDef?: { [k: string]: tensorflow.SignatureDef.$Shape }|null;
          assetFileDef?: tensorflow.AssetFileDef.$Shape[]|null;
          objectGraphDef?: tensorflow.SavedObjectGraph.$Shape|null;
          $unknowns?: Uint8Array[];
        };

        /**
         * Properties of a MetaInfoDef.
         * @deprecated Use tensorflow.MetaGraphDef.MetaInfoDef.$Properties instead.
         */
        interface IMetaInfoDef extends tensorflow.MetaGraphDef.MetaInfoDef.$Properties {
        }

        /** Represents a MetaInfoDef. */
        class MetaInfoDef {

            /**
             * Constructs a new MetaInfoDef.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.MetaGraphDef.MetaInfoDef.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MetaInfoDef metaGraphVersion. */
            metaGraphVersion: string;

            /** MetaInfoDef strippedOpList. */
            strippedOpList?: (tensorflow.OpList.$Properties|null);

            /** MetaInfoDef tags. */
            tags: string[];

            /** MetaInfoDef tensorflowVersion. */
            tensorflowVersion: string;

            /** MetaInfoDef tensorflowGitVersion. */
            tensorflowGitVersion: string;

            /** MetaInfoDef strippedDefaultAttrs. */
            strippedDefaultAttrs: boolean;

            /** MetaInfoDef functionAliases. */
            functionAliases: { [k: string]: string };

            /**
             * Creates a new MetaInfoDef instance using the specified properties.
             * @param [properties] Properties to set
             * @returns MetaInfoDef instance
             */
            static create(properties: tensorflow.MetaGraphDef.MetaInfoDef.$Shape): tensorflow.MetaGraphDef.MetaInfoDef & tensorflow.MetaGraphDef.MetaInfoDef.$Shape;
            static create(properties?: tensorflow.MetaGraphDef.MetaInfoDef.$Properties): tensorflow.MetaGraphDef.MetaInfoDef;

            /**
             * Encodes the specified MetaInfoDef message. Does not implicitly {@link tensorflow.MetaGraphDef.MetaInfoDef.verify|verify} messages.
             * @param message MetaInfoDef message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.MetaGraphDef.MetaInfoDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MetaInfoDef message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.MetaGraphDef.MetaInfoDef & tensorflow.MetaGraphDef.MetaInfoDef.$Shape} MetaInfoDef
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.MetaGraphDef.MetaInfoDef & tensorflow.MetaGraphDef.MetaInfoDef.$Shape;
        }

        namespace MetaInfoDef {

            /** Properties of a MetaInfoDef. */
            interface $Properties {

                /** MetaInfoDef metaGraphVersion */
                metaGraphVersion?: (string|null);

                /** MetaInfoDef strippedOpList */
                strippedOpList?: (tensorflow.OpList.$Properties|null);

                /** MetaInfoDef tags */
                tags?: (string[]|null);

                /** MetaInfoDef tensorflowVersion */
                tensorflowVersion?: (string|null);

                /** MetaInfoDef tensorflowGitVersion */
                tensorflowGitVersion?: (string|null);

                /** MetaInfoDef strippedDefaultAttrs */
                strippedDefaultAttrs?: (boolean|null);

                /** MetaInfoDef functionAliases */
                functionAliases?: ({ [k: string]: string }|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MetaInfoDef. */
            type $Shape = {
              metaGraphVersion?: string|null;
              strippedOpList?: tensorflow.OpList.$Shape|null;
              tags?: string[]|null;
              tensorflowVersion?: string|null;
              tensorflowGitVersion?: string|null;
              strippedDefaultAttrs?: boolean|null;
              functionAliases?: { [k: string]: string }|null;
              $unknowns?: Uint8Array[];
            };
        }
    }

    /**
     * Properties of a CollectionDef.
     * @deprecated Use tensorflow.CollectionDef.$Properties instead.
     */
    interface ICollectionDef extends tensorflow.CollectionDef.$Properties {
    }

    /** Represents a CollectionDef. */
    class CollectionDef {

        /**
         * Constructs a new CollectionDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.CollectionDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CollectionDef nodeList. */
        nodeList?: (tensorflow.CollectionDef.NodeList.$Properties|null);

        /** CollectionDef bytesList. */
        bytesList?: (tensorflow.CollectionDef.BytesList.$Properties|null);

        /** CollectionDef kind. */
        kind?: ("nodeList"|"bytesList");

        /**
         * Creates a new CollectionDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns CollectionDef instance
         */
        static create(properties: tensorflow.CollectionDef.$Shape): tensorflow.CollectionDef & tensorflow.CollectionDef.$Shape;
        static create(properties?: tensorflow.CollectionDef.$Properties): tensorflow.CollectionDef;

        /**
         * Encodes the specified CollectionDef message. Does not implicitly {@link tensorflow.CollectionDef.verify|verify} messages.
         * @param message CollectionDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.CollectionDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CollectionDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.CollectionDef & tensorflow.CollectionDef.$Shape} CollectionDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.CollectionDef & tensorflow.CollectionDef.$Shape;
    }

    namespace CollectionDef {

        /** Properties of a CollectionDef. */
        interface $Properties {

            /** CollectionDef nodeList */
            nodeList?: (tensorflow.CollectionDef.NodeList.$Properties|null);

            /** CollectionDef bytesList */
            bytesList?: (tensorflow.CollectionDef.BytesList.$Properties|null);

            /** CollectionDef kind */
            kind?: ("nodeList"|"bytesList");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a CollectionDef. */
        type $Shape = {
          nodeList?: tensorflow.CollectionDef.NodeList.$Shape|null;
          bytesList?: tensorflow.CollectionDef.BytesList.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ kind?: undefined; nodeList?: null; bytesList?: null }|{ kind?: "nodeList"; nodeList: tensorflow.CollectionDef.NodeList.$Shape; bytesList?: null }|{ kind?: "bytesList"; nodeList?: null; bytesList: tensorflow.CollectionDef.BytesList.$Shape })
        );

        /**
         * Properties of a NodeList.
         * @deprecated Use tensorflow.CollectionDef.NodeList.$Properties instead.
         */
        interface INodeList extends tensorflow.CollectionDef.NodeList.$Properties {
        }

        /** Represents a NodeList. */
        class NodeList {

            /**
             * Constructs a new NodeList.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.CollectionDef.NodeList.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NodeList value. */
            value: string[];

            /**
             * Creates a new NodeList instance using the specified properties.
             * @param [properties] Properties to set
             * @returns NodeList instance
             */
            static create(properties: tensorflow.CollectionDef.NodeList.$Shape): tensorflow.CollectionDef.NodeList & tensorflow.CollectionDef.NodeList.$Shape;
            static create(properties?: tensorflow.CollectionDef.NodeList.$Properties): tensorflow.CollectionDef.NodeList;

            /**
             * Encodes the specified NodeList message. Does not implicitly {@link tensorflow.CollectionDef.NodeList.verify|verify} messages.
             * @param message NodeList message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.CollectionDef.NodeList.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NodeList message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.CollectionDef.NodeList & tensorflow.CollectionDef.NodeList.$Shape} NodeList
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.CollectionDef.NodeList & tensorflow.CollectionDef.NodeList.$Shape;
        }

        namespace NodeList {

            /** Properties of a NodeList. */
            interface $Properties {

                /** NodeList value */
                value?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NodeList. */
            type $Shape = tensorflow.CollectionDef.NodeList.$Properties;
        }

        /**
         * Properties of a BytesList.
         * @deprecated Use tensorflow.CollectionDef.BytesList.$Properties instead.
         */
        interface IBytesList extends tensorflow.CollectionDef.BytesList.$Properties {
        }

        /** Represents a BytesList. */
        class BytesList {

            /**
             * Constructs a new BytesList.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.CollectionDef.BytesList.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BytesList value. */
            value: Uint8Array[];

            /**
             * Creates a new BytesList instance using the specified properties.
             * @param [properties] Properties to set
             * @returns BytesList instance
             */
            static create(properties: tensorflow.CollectionDef.BytesList.$Shape): tensorflow.CollectionDef.BytesList & tensorflow.CollectionDef.BytesList.$Shape;
            static create(properties?: tensorflow.CollectionDef.BytesList.$Properties): tensorflow.CollectionDef.BytesList;

            /**
             * Encodes the specified BytesList message. Does not implicitly {@link tensorflow.CollectionDef.BytesList.verify|verify} messages.
             * @param message BytesList message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.CollectionDef.BytesList.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BytesList message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.CollectionDef.BytesList & tensorflow.CollectionDef.BytesList.$Shape} BytesList
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.CollectionDef.BytesList & tensorflow.CollectionDef.BytesList.$Shape;
        }

        namespace BytesList {

            /** Properties of a BytesList. */
            interface $Properties {

                /** BytesList value */
                value?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BytesList. */
            type $Shape = tensorflow.CollectionDef.BytesList.$Properties;
        }
    }

    /**
     * Properties of a TensorInfo.
     * @deprecated Use tensorflow.TensorInfo.$Properties instead.
     */
    interface ITensorInfo extends tensorflow.TensorInfo.$Properties {
    }

    /** Represents a TensorInfo. */
    class TensorInfo {

        /**
         * Constructs a new TensorInfo.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TensorInfo.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TensorInfo name. */
        name?: (string|null);

        /** TensorInfo cooSparse. */
        cooSparse?: (tensorflow.TensorInfo.CooSparse.$Properties|null);

        /** TensorInfo compositeTensor. */
        compositeTensor?: (tensorflow.TensorInfo.CompositeTensor.$Properties|null);

        /** TensorInfo dtype. */
        dtype: tensorflow.DataType;

        /** TensorInfo tensorShape. */
        tensorShape?: (tensorflow.TensorShapeProto.$Properties|null);

        /** TensorInfo encoding. */
        encoding?: ("name"|"cooSparse"|"compositeTensor");

        /**
         * Creates a new TensorInfo instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TensorInfo instance
         */
        static create(properties: tensorflow.TensorInfo.$Shape): tensorflow.TensorInfo & tensorflow.TensorInfo.$Shape;
        static create(properties?: tensorflow.TensorInfo.$Properties): tensorflow.TensorInfo;

        /**
         * Encodes the specified TensorInfo message. Does not implicitly {@link tensorflow.TensorInfo.verify|verify} messages.
         * @param message TensorInfo message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TensorInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TensorInfo message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TensorInfo & tensorflow.TensorInfo.$Shape} TensorInfo
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorInfo & tensorflow.TensorInfo.$Shape;
    }

    namespace TensorInfo {

        /** Properties of a TensorInfo. */
        interface $Properties {

            /** TensorInfo name */
            name?: (string|null);

            /** TensorInfo cooSparse */
            cooSparse?: (tensorflow.TensorInfo.CooSparse.$Properties|null);

            /** TensorInfo compositeTensor */
            compositeTensor?: (tensorflow.TensorInfo.CompositeTensor.$Properties|null);

            /** TensorInfo dtype */
            dtype?: (tensorflow.DataType|null);

            /** TensorInfo tensorShape */
            tensorShape?: (tensorflow.TensorShapeProto.$Properties|null);

            /** TensorInfo encoding */
            encoding?: ("name"|"cooSparse"|"compositeTensor");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a TensorInfo. */
        type $Shape = {
          name?: string|null;
          cooSparse?: tensorflow.TensorInfo.CooSparse.$Shape|null;
          compositeTensor?: tensorflow.TensorInfo.CompositeTensor.$Shape|null;
          dtype?: tensorflow.DataType|null;
          tensorShape?: tensorflow.TensorShapeProto.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ encoding?: undefined; name?: null; cooSparse?: null; compositeTensor?: null }|{ encoding?: "name"; name: string; cooSparse?: null; compositeTensor?: null }|{ encoding?: "cooSparse"; name?: null; cooSparse: tensorflow.TensorInfo.CooSparse.$Shape; compositeTensor?: null }|{ encoding?: "compositeTensor"; name?: null; cooSparse?: null; compositeTensor: tensorflow.TensorInfo.CompositeTensor.$Shape })
        );

        /**
         * Properties of a CooSparse.
         * @deprecated Use tensorflow.TensorInfo.CooSparse.$Properties instead.
         */
        interface ICooSparse extends tensorflow.TensorInfo.CooSparse.$Properties {
        }

        /** Represents a CooSparse. */
        class CooSparse {

            /**
             * Constructs a new CooSparse.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.TensorInfo.CooSparse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CooSparse valuesTensorName. */
            valuesTensorName: string;

            /** CooSparse indicesTensorName. */
            indicesTensorName: string;

            /** CooSparse denseShapeTensorName. */
            denseShapeTensorName: string;

            /**
             * Creates a new CooSparse instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CooSparse instance
             */
            static create(properties: tensorflow.TensorInfo.CooSparse.$Shape): tensorflow.TensorInfo.CooSparse & tensorflow.TensorInfo.CooSparse.$Shape;
            static create(properties?: tensorflow.TensorInfo.CooSparse.$Properties): tensorflow.TensorInfo.CooSparse;

            /**
             * Encodes the specified CooSparse message. Does not implicitly {@link tensorflow.TensorInfo.CooSparse.verify|verify} messages.
             * @param message CooSparse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.TensorInfo.CooSparse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CooSparse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.TensorInfo.CooSparse & tensorflow.TensorInfo.CooSparse.$Shape} CooSparse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorInfo.CooSparse & tensorflow.TensorInfo.CooSparse.$Shape;
        }

        namespace CooSparse {

            /** Properties of a CooSparse. */
            interface $Properties {

                /** CooSparse valuesTensorName */
                valuesTensorName?: (string|null);

                /** CooSparse indicesTensorName */
                indicesTensorName?: (string|null);

                /** CooSparse denseShapeTensorName */
                denseShapeTensorName?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CooSparse. */
            type $Shape = tensorflow.TensorInfo.CooSparse.$Properties;
        }

        /**
         * Properties of a CompositeTensor.
         * @deprecated Use tensorflow.TensorInfo.CompositeTensor.$Properties instead.
         */
        interface ICompositeTensor extends tensorflow.TensorInfo.CompositeTensor.$Properties {
        }

        /** Represents a CompositeTensor. */
        class CompositeTensor {

            /**
             * Constructs a new CompositeTensor.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.TensorInfo.CompositeTensor.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CompositeTensor typeSpec. */
            typeSpec?: (tensorflow.TypeSpecProto.$Properties|null);

            /** CompositeTensor components. */
            components: tensorflow.TensorInfo.$Properties[];

            /**
             * Creates a new CompositeTensor instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CompositeTensor instance
             */
            static create(properties: tensorflow.TensorInfo.CompositeTensor.$Shape): tensorflow.TensorInfo.CompositeTensor & tensorflow.TensorInfo.CompositeTensor.$Shape;
            static create(properties?: tensorflow.TensorInfo.CompositeTensor.$Properties): tensorflow.TensorInfo.CompositeTensor;

            /**
             * Encodes the specified CompositeTensor message. Does not implicitly {@link tensorflow.TensorInfo.CompositeTensor.verify|verify} messages.
             * @param message CompositeTensor message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.TensorInfo.CompositeTensor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CompositeTensor message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.TensorInfo.CompositeTensor & tensorflow.TensorInfo.CompositeTensor.$Shape} CompositeTensor
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorInfo.CompositeTensor & tensorflow.TensorInfo.CompositeTensor.$Shape;
        }

        namespace CompositeTensor {

            /** Properties of a CompositeTensor. */
            interface $Properties {

                /** CompositeTensor typeSpec */
                typeSpec?: (tensorflow.TypeSpecProto.$Properties|null);

                /** CompositeTensor components */
                components?: (tensorflow.TensorInfo.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CompositeTensor. */
            type $Shape = {
              typeSpec?: tensorflow.TypeSpecProto.$Shape|null;
              components?: tensorflow.TensorInfo.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }
    }

    /**
     * Properties of a SignatureDef.
     * @deprecated Use tensorflow.SignatureDef.$Properties instead.
     */
    interface ISignatureDef extends tensorflow.SignatureDef.$Properties {
    }

    /** Represents a SignatureDef. */
    class SignatureDef {

        /**
         * Constructs a new SignatureDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SignatureDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SignatureDef inputs. */
        inputs: { [k: string]: tensorflow.TensorInfo.$Properties };

        /** SignatureDef outputs. */
        outputs: { [k: string]: tensorflow.TensorInfo.$Properties };

        /** SignatureDef methodName. */
        methodName: string;

        /** SignatureDef defaults. */
        defaults: { [k: string]: tensorflow.TensorProto.$Properties };

        /**
         * Creates a new SignatureDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SignatureDef instance
         */
        static create(properties: tensorflow.SignatureDef.$Shape): tensorflow.SignatureDef & tensorflow.SignatureDef.$Shape;
        static create(properties?: tensorflow.SignatureDef.$Properties): tensorflow.SignatureDef;

        /**
         * Encodes the specified SignatureDef message. Does not implicitly {@link tensorflow.SignatureDef.verify|verify} messages.
         * @param message SignatureDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SignatureDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SignatureDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SignatureDef & tensorflow.SignatureDef.$Shape} SignatureDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SignatureDef & tensorflow.SignatureDef.$Shape;
    }

    namespace SignatureDef {

        /** Properties of a SignatureDef. */
        interface $Properties {

            /** SignatureDef inputs */
            inputs?: ({ [k: string]: tensorflow.TensorInfo.$Properties }|null);

            /** SignatureDef outputs */
            outputs?: ({ [k: string]: tensorflow.TensorInfo.$Properties }|null);

            /** SignatureDef methodName */
            methodName?: (string|null);

            /** SignatureDef defaults */
            defaults?: ({ [k: string]: tensorflow.TensorProto.$Properties }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SignatureDef. */
        type $Shape = {
          inputs?: { [k: string]: tensorflow.TensorInfo.$Shape }|null;
          outputs?: { [k: string]: tensorflow.TensorInfo.$Shape }|null;
          methodName?: string|null;
          defaults?: { [k: string]: tensorflow.TensorProto.$Shape }|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of an AssetFileDef.
     * @deprecated Use tensorflow.AssetFileDef.$Properties instead.
     */
    interface IAssetFileDef extends tensorflow.AssetFileDef.$Properties {
    }

    /** Represents an AssetFileDef. */
    class AssetFileDef {

        /**
         * Constructs a new AssetFileDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.AssetFileDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** AssetFileDef tensorInfo. */
        tensorInfo?: (tensorflow.TensorInfo.$Properties|null);

        /** AssetFileDef filename. */
        filename: string;

        /**
         * Creates a new AssetFileDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns AssetFileDef instance
         */
        static create(properties: tensorflow.AssetFileDef.$Shape): tensorflow.AssetFileDef & tensorflow.AssetFileDef.$Shape;
        static create(properties?: tensorflow.AssetFileDef.$Properties): tensorflow.AssetFileDef;

        /**
         * Encodes the specified AssetFileDef message. Does not implicitly {@link tensorflow.AssetFileDef.verify|verify} messages.
         * @param message AssetFileDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.AssetFileDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an AssetFileDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.AssetFileDef & tensorflow.AssetFileDef.$Shape} AssetFileDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.AssetFileDef & tensorflow.AssetFileDef.$Shape;
    }

    namespace AssetFileDef {

        /** Properties of an AssetFileDef. */
        interface $Properties {

            /** AssetFileDef tensorInfo */
            tensorInfo?: (tensorflow.TensorInfo.$Properties|null);

            /** AssetFileDef filename */
            filename?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an AssetFileDef. */
        type $Shape = {
          tensorInfo?: tensorflow.TensorInfo.$Shape|null;
          filename?: string|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a SaverDef.
     * @deprecated Use tensorflow.SaverDef.$Properties instead.
     */
    interface ISaverDef extends tensorflow.SaverDef.$Properties {
    }

    /** Represents a SaverDef. */
    class SaverDef {

        /**
         * Constructs a new SaverDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SaverDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SaverDef filenameTensorName. */
        filenameTensorName: string;

        /** SaverDef saveTensorName. */
        saveTensorName: string;

        /** SaverDef restoreOpName. */
        restoreOpName: string;

        /** SaverDef maxToKeep. */
        maxToKeep: number;

        /** SaverDef sharded. */
        sharded: boolean;

        /** SaverDef keepCheckpointEveryNHours. */
        keepCheckpointEveryNHours: number;

        /** SaverDef version. */
        version: tensorflow.SaverDef.CheckpointFormatVersion;

        /**
         * Creates a new SaverDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SaverDef instance
         */
        static create(properties: tensorflow.SaverDef.$Shape): tensorflow.SaverDef & tensorflow.SaverDef.$Shape;
        static create(properties?: tensorflow.SaverDef.$Properties): tensorflow.SaverDef;

        /**
         * Encodes the specified SaverDef message. Does not implicitly {@link tensorflow.SaverDef.verify|verify} messages.
         * @param message SaverDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SaverDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SaverDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SaverDef & tensorflow.SaverDef.$Shape} SaverDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SaverDef & tensorflow.SaverDef.$Shape;
    }

    namespace SaverDef {

        /** Properties of a SaverDef. */
        interface $Properties {

            /** SaverDef filenameTensorName */
            filenameTensorName?: (string|null);

            /** SaverDef saveTensorName */
            saveTensorName?: (string|null);

            /** SaverDef restoreOpName */
            restoreOpName?: (string|null);

            /** SaverDef maxToKeep */
            maxToKeep?: (number|null);

            /** SaverDef sharded */
            sharded?: (boolean|null);

            /** SaverDef keepCheckpointEveryNHours */
            keepCheckpointEveryNHours?: (number|null);

            /** SaverDef version */
            version?: (tensorflow.SaverDef.CheckpointFormatVersion|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SaverDef. */
        type $Shape = tensorflow.SaverDef.$Properties;

        /** CheckpointFormatVersion enum. */
        enum CheckpointFormatVersion {

            /** LEGACY value */
            LEGACY = 0,

            /** V1 value */
            V1 = 1,

            /** V2 value */
            V2 = 2
        }
    }

    /**
     * Properties of a GraphDef.
     * @deprecated Use tensorflow.GraphDef.$Properties instead.
     */
    interface IGraphDef extends tensorflow.GraphDef.$Properties {
    }

    /** Represents a GraphDef. */
    class GraphDef {

        /**
         * Constructs a new GraphDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.GraphDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** GraphDef node. */
        node: tensorflow.NodeDef.$Properties[];

        /** GraphDef library. */
        library?: (tensorflow.FunctionDefLibrary.$Properties|null);

        /** GraphDef versions. */
        versions?: (tensorflow.VersionDef.$Properties|null);

        /**
         * Creates a new GraphDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns GraphDef instance
         */
        static create(properties: tensorflow.GraphDef.$Shape): tensorflow.GraphDef & tensorflow.GraphDef.$Shape;
        static create(properties?: tensorflow.GraphDef.$Properties): tensorflow.GraphDef;

        /**
         * Encodes the specified GraphDef message. Does not implicitly {@link tensorflow.GraphDef.verify|verify} messages.
         * @param message GraphDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.GraphDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a GraphDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.GraphDef & tensorflow.GraphDef.$Shape} GraphDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.GraphDef & tensorflow.GraphDef.$Shape;
    }

    namespace GraphDef {

        /** Properties of a GraphDef. */
        interface $Properties {

            /** GraphDef node */
            node?: (tensorflow.NodeDef.$Properties[]|null);

            /** GraphDef library */
            library?: (tensorflow.FunctionDefLibrary.$Properties|null);

            /** GraphDef versions */
            versions?: (tensorflow.VersionDef.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a GraphDef. */
        type $Shape = {
          node?: tensorflow.NodeDef.$Shape[]|null;
          library?: tensorflow.FunctionDefLibrary.$Shape|null;
          versions?: tensorflow.VersionDef.$Shape|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a VersionDef.
     * @deprecated Use tensorflow.VersionDef.$Properties instead.
     */
    interface IVersionDef extends tensorflow.VersionDef.$Properties {
    }

    /** Represents a VersionDef. */
    class VersionDef {

        /**
         * Constructs a new VersionDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.VersionDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** VersionDef producer. */
        producer: number;

        /** VersionDef minConsumer. */
        minConsumer: number;

        /** VersionDef badConsumers. */
        badConsumers: number[];

        /**
         * Creates a new VersionDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns VersionDef instance
         */
        static create(properties: tensorflow.VersionDef.$Shape): tensorflow.VersionDef & tensorflow.VersionDef.$Shape;
        static create(properties?: tensorflow.VersionDef.$Properties): tensorflow.VersionDef;

        /**
         * Encodes the specified VersionDef message. Does not implicitly {@link tensorflow.VersionDef.verify|verify} messages.
         * @param message VersionDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.VersionDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a VersionDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.VersionDef & tensorflow.VersionDef.$Shape} VersionDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.VersionDef & tensorflow.VersionDef.$Shape;
    }

    namespace VersionDef {

        /** Properties of a VersionDef. */
        interface $Properties {

            /** VersionDef producer */
            producer?: (number|null);

            /** VersionDef minConsumer */
            minConsumer?: (number|null);

            /** VersionDef badConsumers */
            badConsumers?: (number[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a VersionDef. */
        type $Shape = tensorflow.VersionDef.$Properties;
    }

    /**
     * Properties of a NodeDef.
     * @deprecated Use tensorflow.NodeDef.$Properties instead.
     */
    interface INodeDef extends tensorflow.NodeDef.$Properties {
    }

    /** Represents a NodeDef. */
    class NodeDef {

        /**
         * Constructs a new NodeDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.NodeDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** NodeDef name. */
        name: string;

        /** NodeDef op. */
        op: string;

        /** NodeDef input. */
        input: string[];

        /** NodeDef device. */
        device: string;

        /** NodeDef attr. */
        attr: { [k: string]: tensorflow.AttrValue.$Properties };

        /**
         * Creates a new NodeDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns NodeDef instance
         */
        static create(properties: tensorflow.NodeDef.$Shape): tensorflow.NodeDef & tensorflow.NodeDef.$Shape;
        static create(properties?: tensorflow.NodeDef.$Properties): tensorflow.NodeDef;

        /**
         * Encodes the specified NodeDef message. Does not implicitly {@link tensorflow.NodeDef.verify|verify} messages.
         * @param message NodeDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.NodeDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a NodeDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.NodeDef & tensorflow.NodeDef.$Shape} NodeDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.NodeDef & tensorflow.NodeDef.$Shape;
    }

    namespace NodeDef {

        /** Properties of a NodeDef. */
        interface $Properties {

            /** NodeDef name */
            name?: (string|null);

            /** NodeDef op */
            op?: (string|null);

            /** NodeDef input */
            input?: (string[]|null);

            /** NodeDef device */
            device?: (string|null);

            /** NodeDef attr */
            attr?: ({ [k: string]: tensorflow.AttrValue.$Properties }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a NodeDef. */
        type $Shape = {
          name?: string|null;
          op?: string|null;
          input?: string[]|null;
          device?: string|null;
          attr?: { [k: string]: tensorflow.AttrValue.$Shape }|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of an AttrValue.
     * @deprecated Use tensorflow.AttrValue.$Properties instead.
     */
    interface IAttrValue extends tensorflow.AttrValue.$Properties {
    }

    /** Represents an AttrValue. */
    class AttrValue {

        /**
         * Constructs a new AttrValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.AttrValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** AttrValue list. */
        list?: (tensorflow.AttrValue.ListValue.$Properties|null);

        /** AttrValue s. */
        s?: (Uint8Array|null);

        /** AttrValue i. */
        i?: (Long|null);

        /** AttrValue f. */
        f?: (number|null);

        /** AttrValue b. */
        b?: (boolean|null);

        /** AttrValue type. */
        type?: (tensorflow.DataType|null);

        /** AttrValue shape. */
        shape?: (tensorflow.TensorShapeProto.$Properties|null);

        /** AttrValue tensor. */
        tensor?: (tensorflow.TensorProto.$Properties|null);

        /** AttrValue placeholder. */
        placeholder?: (string|null);

        /** AttrValue func. */
        func?: (tensorflow.NameAttrList.$Properties|null);

        /** AttrValue value. */
        value?: ("list"|"s"|"i"|"f"|"b"|"type"|"shape"|"tensor"|"placeholder"|"func");

        /**
         * Creates a new AttrValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns AttrValue instance
         */
        static create(properties: tensorflow.AttrValue.$Shape): tensorflow.AttrValue & tensorflow.AttrValue.$Shape;
        static create(properties?: tensorflow.AttrValue.$Properties): tensorflow.AttrValue;

        /**
         * Encodes the specified AttrValue message. Does not implicitly {@link tensorflow.AttrValue.verify|verify} messages.
         * @param message AttrValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.AttrValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an AttrValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.AttrValue & tensorflow.AttrValue.$Shape} AttrValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.AttrValue & tensorflow.AttrValue.$Shape;
    }

    namespace AttrValue {

        /** Properties of an AttrValue. */
        interface $Properties {

            /** AttrValue list */
            list?: (tensorflow.AttrValue.ListValue.$Properties|null);

            /** AttrValue s */
            s?: (Uint8Array|null);

            /** AttrValue i */
            i?: (Long|null);

            /** AttrValue f */
            f?: (number|null);

            /** AttrValue b */
            b?: (boolean|null);

            /** AttrValue type */
            type?: (tensorflow.DataType|null);

            /** AttrValue shape */
            shape?: (tensorflow.TensorShapeProto.$Properties|null);

            /** AttrValue tensor */
            tensor?: (tensorflow.TensorProto.$Properties|null);

            /** AttrValue placeholder */
            placeholder?: (string|null);

            /** AttrValue func */
            func?: (tensorflow.NameAttrList.$Properties|null);

            /** AttrValue value */
            value?: ("list"|"s"|"i"|"f"|"b"|"type"|"shape"|"tensor"|"placeholder"|"func");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of an AttrValue. */
        type $Shape = {
          list?: tensorflow.AttrValue.ListValue.$Shape|null;
          s?: Uint8Array|null;
          i?: Long|null;
          f?: number|null;
          b?: boolean|null;
          type?: tensorflow.DataType|null;
          shape?: tensorflow.TensorShapeProto.$Shape|null;
          tensor?: tensorflow.TensorProto.$Shape|null;
          placeholder?: string|null;
          func?: tensorflow.NameAttrList.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ value?: undefined; list?: null; s?: null; i?: null; f?: null; b?: null; type?: null; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "list"; list: tensorflow.AttrValue.ListValue.$Shape; s?: null; i?: null; f?: null; b?: null; type?: null; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "s"; list?: null; s: Uint8Array; i?: null; f?: null; b?: null; type?: null; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "i"; list?: null; s?: null; i: Long; f?: null; b?: null; type?: null; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "f"; list?: null; s?: null; i?: null; f: number; b?: null; type?: null; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "b"; list?: null; s?: null; i?: null; f?: null; b: boolean; type?: null; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "type"; list?: null; s?: null; i?: null; f?: null; b?: null; type: tensorflow.DataType; shape?: null; tensor?: null; placeholder?: null; func?: null }|{ value?: "shape"; list?: null; s?: null; i?: null; f?: null; b?: null; type?: null; shape: tensorflow.TensorShapeProto.$Shape; tensor?: null; placeholder?: null; func?: null }|{ value?: "tensor"; list?: null; s?: null; i?: null; f?: null; b?: null; type?: null; shape?: null; tensor: tensorflow.TensorProto.$Shape; placeholder?: null; func?: null }|{ value?: "placeholder"; list?: null; s?: null; i?: null; f?: null; b?: null; type?: null; shape?: null; tensor?: null; placeholder: string; func?: null }|{ value?: "func"; list?: null; s?: null; i?: null; f?: null; b?: null; type?: null; shape?: null; tensor?: null; placeholder?: null; func: tensorflow.NameAttrList.$Shape })
        );

        /**
         * Properties of a ListValue.
         * @deprecated Use tensorflow.AttrValue.ListValue.$Properties instead.
         */
        interface IListValue extends tensorflow.AttrValue.ListValue.$Properties {
        }

        /** Represents a ListValue. */
        class ListValue {

            /**
             * Constructs a new ListValue.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.AttrValue.ListValue.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListValue s. */
            s: Uint8Array[];

            /** ListValue i. */
            i: Long[];

            /** ListValue f. */
            f: number[];

            /** ListValue b. */
            b: boolean[];

            /** ListValue type. */
            type: tensorflow.DataType[];

            /** ListValue shape. */
            shape: tensorflow.TensorShapeProto.$Properties[];

            /** ListValue tensor. */
            tensor: tensorflow.TensorProto.$Properties[];

            /** ListValue func. */
            func: tensorflow.NameAttrList.$Properties[];

            /**
             * Creates a new ListValue instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ListValue instance
             */
            static create(properties: tensorflow.AttrValue.ListValue.$Shape): tensorflow.AttrValue.ListValue & tensorflow.AttrValue.ListValue.$Shape;
            static create(properties?: tensorflow.AttrValue.ListValue.$Properties): tensorflow.AttrValue.ListValue;

            /**
             * Encodes the specified ListValue message. Does not implicitly {@link tensorflow.AttrValue.ListValue.verify|verify} messages.
             * @param message ListValue message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.AttrValue.ListValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListValue message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.AttrValue.ListValue & tensorflow.AttrValue.ListValue.$Shape} ListValue
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.AttrValue.ListValue & tensorflow.AttrValue.ListValue.$Shape;
        }

        namespace ListValue {

            /** Properties of a ListValue. */
            interface $Properties {

                /** ListValue s */
                s?: (Uint8Array[]|null);

                /** ListValue i */
                i?: (Long[]|null);

                /** ListValue f */
                f?: (number[]|null);

                /** ListValue b */
                b?: (boolean[]|null);

                /** ListValue type */
                type?: (tensorflow.DataType[]|null);

                /** ListValue shape */
                shape?: (tensorflow.TensorShapeProto.$Properties[]|null);

                /** ListValue tensor */
                tensor?: (tensorflow.TensorProto.$Properties[]|null);

                /** ListValue func */
                func?: (tensorflow.NameAttrList.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListValue. */
            type $Shape = {
              s?: Uint8Array[]|null;
              i?: Long[]|null;
              f?: number[]|null;
              b?: boolean[]|null;
              type?: tensorflow.DataType[]|null;
              shape?: tensorflow.TensorShapeProto.$Shape[]|null;
              tensor?: tensorflow.TensorProto.$Shape[]|null;
              func?: tensorflow.NameAttrList.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }
    }

    /**
     * Properties of a NameAttrList.
     * @deprecated Use tensorflow.NameAttrList.$Properties instead.
     */
    interface INameAttrList extends tensorflow.NameAttrList.$Properties {
    }

    /** Represents a NameAttrList. */
    class NameAttrList {

        /**
         * Constructs a new NameAttrList.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.NameAttrList.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** NameAttrList name. */
        name: string;

        /** NameAttrList attr. */
        attr: { [k: string]: tensorflow.AttrValue.$Properties };

        /**
         * Creates a new NameAttrList instance using the specified properties.
         * @param [properties] Properties to set
         * @returns NameAttrList instance
         */
        static create(properties: tensorflow.NameAttrList.$Shape): tensorflow.NameAttrList & tensorflow.NameAttrList.$Shape;
        static create(properties?: tensorflow.NameAttrList.$Properties): tensorflow.NameAttrList;

        /**
         * Encodes the specified NameAttrList message. Does not implicitly {@link tensorflow.NameAttrList.verify|verify} messages.
         * @param message NameAttrList message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.NameAttrList.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a NameAttrList message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.NameAttrList & tensorflow.NameAttrList.$Shape} NameAttrList
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.NameAttrList & tensorflow.NameAttrList.$Shape;
    }

    namespace NameAttrList {

        /** Properties of a NameAttrList. */
        interface $Properties {

            /** NameAttrList name */
            name?: (string|null);

            /** NameAttrList attr */
            attr?: ({ [k: string]: tensorflow.AttrValue.$Properties }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a NameAttrList. */
        type $Shape = {
          name?: string|null;
          attr?: { [k: string]: tensorflow.AttrValue.$Shape }|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a TensorProto.
     * @deprecated Use tensorflow.TensorProto.$Properties instead.
     */
    interface ITensorProto extends tensorflow.TensorProto.$Properties {
    }

    /** Represents a TensorProto. */
    class TensorProto {

        /**
         * Constructs a new TensorProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TensorProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TensorProto dtype. */
        dtype: tensorflow.DataType;

        /** TensorProto tensorShape. */
        tensorShape?: (tensorflow.TensorShapeProto.$Properties|null);

        /** TensorProto versionNumber. */
        versionNumber: number;

        /** TensorProto tensorContent. */
        tensorContent: Uint8Array;

        /** TensorProto floatVal. */
        floatVal: number[];

        /** TensorProto doubleVal. */
        doubleVal: number[];

        /** TensorProto intVal. */
        intVal: number[];

        /** TensorProto stringVal. */
        stringVal: Uint8Array[];

        /** TensorProto scomplexVal. */
        scomplexVal: number[];

        /** TensorProto int64Val. */
        int64Val: Long[];

        /** TensorProto boolVal. */
        boolVal: boolean[];

        /** TensorProto dcomplexVal. */
        dcomplexVal: number[];

        /** TensorProto halfVal. */
        halfVal: number[];

        /** TensorProto uint32Val. */
        uint32Val: number[];

        /** TensorProto uint64Val. */
        uint64Val: Long[];

        /** TensorProto float8Val. */
        float8Val: Uint8Array;

        /**
         * Creates a new TensorProto instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TensorProto instance
         */
        static create(properties: tensorflow.TensorProto.$Shape): tensorflow.TensorProto & tensorflow.TensorProto.$Shape;
        static create(properties?: tensorflow.TensorProto.$Properties): tensorflow.TensorProto;

        /**
         * Encodes the specified TensorProto message. Does not implicitly {@link tensorflow.TensorProto.verify|verify} messages.
         * @param message TensorProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TensorProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TensorProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TensorProto & tensorflow.TensorProto.$Shape} TensorProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorProto & tensorflow.TensorProto.$Shape;
    }

    namespace TensorProto {

        /** Properties of a TensorProto. */
        interface $Properties {

            /** TensorProto dtype */
            dtype?: (tensorflow.DataType|null);

            /** TensorProto tensorShape */
            tensorShape?: (tensorflow.TensorShapeProto.$Properties|null);

            /** TensorProto versionNumber */
            versionNumber?: (number|null);

            /** TensorProto tensorContent */
            tensorContent?: (Uint8Array|null);

            /** TensorProto floatVal */
            floatVal?: (number[]|null);

            /** TensorProto doubleVal */
            doubleVal?: (number[]|null);

            /** TensorProto intVal */
            intVal?: (number[]|null);

            /** TensorProto stringVal */
            stringVal?: (Uint8Array[]|null);

            /** TensorProto scomplexVal */
            scomplexVal?: (number[]|null);

            /** TensorProto int64Val */
            int64Val?: (Long[]|null);

            /** TensorProto boolVal */
            boolVal?: (boolean[]|null);

            /** TensorProto dcomplexVal */
            dcomplexVal?: (number[]|null);

            /** TensorProto halfVal */
            halfVal?: (number[]|null);

            /** TensorProto uint32Val */
            uint32Val?: (number[]|null);

            /** TensorProto uint64Val */
            uint64Val?: (Long[]|null);

            /** TensorProto float8Val */
            float8Val?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TensorProto. */
        type $Shape = tensorflow.TensorProto.$Properties;
    }

    /**
     * Properties of a TensorShapeProto.
     * @deprecated Use tensorflow.TensorShapeProto.$Properties instead.
     */
    interface ITensorShapeProto extends tensorflow.TensorShapeProto.$Properties {
    }

    /** Represents a TensorShapeProto. */
    class TensorShapeProto {

        /**
         * Constructs a new TensorShapeProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TensorShapeProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TensorShapeProto dim. */
        dim: tensorflow.TensorShapeProto.Dim.$Properties[];

        /** TensorShapeProto unknownRank. */
        unknownRank: boolean;

        /**
         * Creates a new TensorShapeProto instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TensorShapeProto instance
         */
        static create(properties: tensorflow.TensorShapeProto.$Shape): tensorflow.TensorShapeProto & tensorflow.TensorShapeProto.$Shape;
        static create(properties?: tensorflow.TensorShapeProto.$Properties): tensorflow.TensorShapeProto;

        /**
         * Encodes the specified TensorShapeProto message. Does not implicitly {@link tensorflow.TensorShapeProto.verify|verify} messages.
         * @param message TensorShapeProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TensorShapeProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TensorShapeProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TensorShapeProto & tensorflow.TensorShapeProto.$Shape} TensorShapeProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorShapeProto & tensorflow.TensorShapeProto.$Shape;
    }

    namespace TensorShapeProto {

        /** Properties of a TensorShapeProto. */
        interface $Properties {

            /** TensorShapeProto dim */
            dim?: (tensorflow.TensorShapeProto.Dim.$Properties[]|null);

            /** TensorShapeProto unknownRank */
            unknownRank?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TensorShapeProto. */
        type $Shape = tensorflow.TensorShapeProto.$Properties;

        /**
         * Properties of a Dim.
         * @deprecated Use tensorflow.TensorShapeProto.Dim.$Properties instead.
         */
        interface IDim extends tensorflow.TensorShapeProto.Dim.$Properties {
        }

        /** Represents a Dim. */
        class Dim {

            /**
             * Constructs a new Dim.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.TensorShapeProto.Dim.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Dim size. */
            size: Long;

            /** Dim name. */
            name: string;

            /**
             * Creates a new Dim instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Dim instance
             */
            static create(properties: tensorflow.TensorShapeProto.Dim.$Shape): tensorflow.TensorShapeProto.Dim & tensorflow.TensorShapeProto.Dim.$Shape;
            static create(properties?: tensorflow.TensorShapeProto.Dim.$Properties): tensorflow.TensorShapeProto.Dim;

            /**
             * Encodes the specified Dim message. Does not implicitly {@link tensorflow.TensorShapeProto.Dim.verify|verify} messages.
             * @param message Dim message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.TensorShapeProto.Dim.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Dim message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.TensorShapeProto.Dim & tensorflow.TensorShapeProto.Dim.$Shape} Dim
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorShapeProto.Dim & tensorflow.TensorShapeProto.Dim.$Shape;
        }

        namespace Dim {

            /** Properties of a Dim. */
            interface $Properties {

                /** Dim size */
                size?: (Long|null);

                /** Dim name */
                name?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Dim. */
            type $Shape = tensorflow.TensorShapeProto.Dim.$Properties;
        }
    }

    /**
     * Properties of a FunctionDefLibrary.
     * @deprecated Use tensorflow.FunctionDefLibrary.$Properties instead.
     */
    interface IFunctionDefLibrary extends tensorflow.FunctionDefLibrary.$Properties {
    }

    /** Represents a FunctionDefLibrary. */
    class FunctionDefLibrary {

        /**
         * Constructs a new FunctionDefLibrary.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.FunctionDefLibrary.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** FunctionDefLibrary function. */
        function: tensorflow.FunctionDef.$Properties[];

        /** FunctionDefLibrary gradient. */
        gradient: tensorflow.GradientDef.$Properties[];

        /** FunctionDefLibrary registeredGradients. */
        registeredGradients: tensorflow.RegisteredGradient.$Properties[];

        /**
         * Creates a new FunctionDefLibrary instance using the specified properties.
         * @param [properties] Properties to set
         * @returns FunctionDefLibrary instance
         */
        static create(properties: tensorflow.FunctionDefLibrary.$Shape): tensorflow.FunctionDefLibrary & tensorflow.FunctionDefLibrary.$Shape;
        static create(properties?: tensorflow.FunctionDefLibrary.$Properties): tensorflow.FunctionDefLibrary;

        /**
         * Encodes the specified FunctionDefLibrary message. Does not implicitly {@link tensorflow.FunctionDefLibrary.verify|verify} messages.
         * @param message FunctionDefLibrary message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.FunctionDefLibrary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a FunctionDefLibrary message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.FunctionDefLibrary & tensorflow.FunctionDefLibrary.$Shape} FunctionDefLibrary
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.FunctionDefLibrary & tensorflow.FunctionDefLibrary.$Shape;
    }

    namespace FunctionDefLibrary {

        /** Properties of a FunctionDefLibrary. */
        interface $Properties {

            /** FunctionDefLibrary function */
            "function"?: (tensorflow.FunctionDef.$Properties[]|null);

            /** FunctionDefLibrary gradient */
            gradient?: (tensorflow.GradientDef.$Properties[]|null);

            /** FunctionDefLibrary registeredGradients */
            registeredGradients?: (tensorflow.RegisteredGradient.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a FunctionDefLibrary. */
        type $Shape = {
          "Function"?: tensorflow.FunctionDef.$Shape[]|null;
          gradient?: tensorflow.GradientDef.$Shape[]|null;
          registeredGradients?: tensorflow.RegisteredGradient.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a FunctionDef.
     * @deprecated Use tensorflow.FunctionDef.$Properties instead.
     */
    interface IFunctionDef extends tensorflow.FunctionDef.$Properties {
    }

    /** Represents a FunctionDef. */
    class FunctionDef {

        /**
         * Constructs a new FunctionDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.FunctionDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** FunctionDef signature. */
        signature?: (tensorflow.OpDef.$Properties|null);

        /** FunctionDef nodeDef. */
        nodeDef: tensorflow.NodeDef.$Properties[];

        /** FunctionDef ret. */
        ret: { [k: string]: string };

        /** FunctionDef attr. */
        attr: { [k: string]: tensorflow.AttrValue.$Properties };

        /** FunctionDef controlRet. */
        controlRet: { [k: string]: string };

        /**
         * Creates a new FunctionDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns FunctionDef instance
         */
        static create(properties: tensorflow.FunctionDef.$Shape): tensorflow.FunctionDef & tensorflow.FunctionDef.$Shape;
        static create(properties?: tensorflow.FunctionDef.$Properties): tensorflow.FunctionDef;

        /**
         * Encodes the specified FunctionDef message. Does not implicitly {@link tensorflow.FunctionDef.verify|verify} messages.
         * @param message FunctionDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.FunctionDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a FunctionDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.FunctionDef & tensorflow.FunctionDef.$Shape} FunctionDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.FunctionDef & tensorflow.FunctionDef.$Shape;
    }

    namespace FunctionDef {

        /** Properties of a FunctionDef. */
        interface $Properties {

            /** FunctionDef signature */
            signature?: (tensorflow.OpDef.$Properties|null);

            /** FunctionDef nodeDef */
            nodeDef?: (tensorflow.NodeDef.$Properties[]|null);

            /** FunctionDef ret */
            ret?: ({ [k: string]: string }|null);

            /** FunctionDef attr */
            attr?: ({ [k: string]: tensorflow.AttrValue.$Properties }|null);

            /** FunctionDef controlRet */
            controlRet?: ({ [k: string]: string }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a FunctionDef. */
        type $Shape = {
          signature?: tensorflow.OpDef.$Shape|null;
          nodeDef?: tensorflow.NodeDef.$Shape[]|null;
          ret?: { [k: string]: string }|null;
          attr?: { [k: string]: tensorflow.AttrValue.$Shape }|null;
          controlRet?: { [k: string]: string }|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a GradientDef.
     * @deprecated Use tensorflow.GradientDef.$Properties instead.
     */
    interface IGradientDef extends tensorflow.GradientDef.$Properties {
    }

    /** Represents a GradientDef. */
    class GradientDef {

        /**
         * Constructs a new GradientDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.GradientDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** GradientDef functionName. */
        functionName: string;

        /** GradientDef gradientFunc. */
        gradientFunc: string;

        /**
         * Creates a new GradientDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns GradientDef instance
         */
        static create(properties: tensorflow.GradientDef.$Shape): tensorflow.GradientDef & tensorflow.GradientDef.$Shape;
        static create(properties?: tensorflow.GradientDef.$Properties): tensorflow.GradientDef;

        /**
         * Encodes the specified GradientDef message. Does not implicitly {@link tensorflow.GradientDef.verify|verify} messages.
         * @param message GradientDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.GradientDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a GradientDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.GradientDef & tensorflow.GradientDef.$Shape} GradientDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.GradientDef & tensorflow.GradientDef.$Shape;
    }

    namespace GradientDef {

        /** Properties of a GradientDef. */
        interface $Properties {

            /** GradientDef functionName */
            functionName?: (string|null);

            /** GradientDef gradientFunc */
            gradientFunc?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a GradientDef. */
        type $Shape = tensorflow.GradientDef.$Properties;
    }

    /**
     * Properties of a RegisteredGradient.
     * @deprecated Use tensorflow.RegisteredGradient.$Properties instead.
     */
    interface IRegisteredGradient extends tensorflow.RegisteredGradient.$Properties {
    }

    /** Represents a RegisteredGradient. */
    class RegisteredGradient {

        /**
         * Constructs a new RegisteredGradient.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.RegisteredGradient.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RegisteredGradient gradientFunc. */
        gradientFunc: string;

        /** RegisteredGradient registeredOpType. */
        registeredOpType: string;

        /**
         * Creates a new RegisteredGradient instance using the specified properties.
         * @param [properties] Properties to set
         * @returns RegisteredGradient instance
         */
        static create(properties: tensorflow.RegisteredGradient.$Shape): tensorflow.RegisteredGradient & tensorflow.RegisteredGradient.$Shape;
        static create(properties?: tensorflow.RegisteredGradient.$Properties): tensorflow.RegisteredGradient;

        /**
         * Encodes the specified RegisteredGradient message. Does not implicitly {@link tensorflow.RegisteredGradient.verify|verify} messages.
         * @param message RegisteredGradient message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.RegisteredGradient.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RegisteredGradient message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.RegisteredGradient & tensorflow.RegisteredGradient.$Shape} RegisteredGradient
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.RegisteredGradient & tensorflow.RegisteredGradient.$Shape;
    }

    namespace RegisteredGradient {

        /** Properties of a RegisteredGradient. */
        interface $Properties {

            /** RegisteredGradient gradientFunc */
            gradientFunc?: (string|null);

            /** RegisteredGradient registeredOpType */
            registeredOpType?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RegisteredGradient. */
        type $Shape = tensorflow.RegisteredGradient.$Properties;
    }

    /**
     * Properties of an OpList.
     * @deprecated Use tensorflow.OpList.$Properties instead.
     */
    interface IOpList extends tensorflow.OpList.$Properties {
    }

    /** Represents an OpList. */
    class OpList {

        /**
         * Constructs a new OpList.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.OpList.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** OpList op. */
        op: tensorflow.OpDef.$Properties[];

        /**
         * Creates a new OpList instance using the specified properties.
         * @param [properties] Properties to set
         * @returns OpList instance
         */
        static create(properties: tensorflow.OpList.$Shape): tensorflow.OpList & tensorflow.OpList.$Shape;
        static create(properties?: tensorflow.OpList.$Properties): tensorflow.OpList;

        /**
         * Encodes the specified OpList message. Does not implicitly {@link tensorflow.OpList.verify|verify} messages.
         * @param message OpList message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.OpList.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an OpList message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.OpList & tensorflow.OpList.$Shape} OpList
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.OpList & tensorflow.OpList.$Shape;
    }

    namespace OpList {

        /** Properties of an OpList. */
        interface $Properties {

            /** OpList op */
            op?: (tensorflow.OpDef.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an OpList. */
        type $Shape = {
          op?: tensorflow.OpDef.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of an OpDef.
     * @deprecated Use tensorflow.OpDef.$Properties instead.
     */
    interface IOpDef extends tensorflow.OpDef.$Properties {
    }

    /** Represents an OpDef. */
    class OpDef {

        /**
         * Constructs a new OpDef.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.OpDef.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** OpDef name. */
        name: string;

        /** OpDef inputArg. */
        inputArg: tensorflow.OpDef.ArgDef.$Properties[];

        /** OpDef outputArg. */
        outputArg: tensorflow.OpDef.ArgDef.$Properties[];

        /** OpDef attr. */
        attr: tensorflow.OpDef.AttrDef.$Properties[];

        /** OpDef isAggregate. */
        isAggregate: boolean;

        /** OpDef isStateful. */
        isStateful: boolean;

        /** OpDef isCommutative. */
        isCommutative: boolean;

        /** OpDef allowsUninitializedInput. */
        allowsUninitializedInput: boolean;

        /** OpDef controlOutput. */
        controlOutput: string[];

        /**
         * Creates a new OpDef instance using the specified properties.
         * @param [properties] Properties to set
         * @returns OpDef instance
         */
        static create(properties: tensorflow.OpDef.$Shape): tensorflow.OpDef & tensorflow.OpDef.$Shape;
        static create(properties?: tensorflow.OpDef.$Properties): tensorflow.OpDef;

        /**
         * Encodes the specified OpDef message. Does not implicitly {@link tensorflow.OpDef.verify|verify} messages.
         * @param message OpDef message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.OpDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an OpDef message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.OpDef & tensorflow.OpDef.$Shape} OpDef
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.OpDef & tensorflow.OpDef.$Shape;
    }

    namespace OpDef {

        /** Properties of an OpDef. */
        interface $Properties {

            /** OpDef name */
            name?: (string|null);

            /** OpDef inputArg */
            inputArg?: (tensorflow.OpDef.ArgDef.$Properties[]|null);

            /** OpDef outputArg */
            outputArg?: (tensorflow.OpDef.ArgDef.$Properties[]|null);

            /** OpDef attr */
            attr?: (tensorflow.OpDef.AttrDef.$Properties[]|null);

            /** OpDef isAggregate */
            isAggregate?: (boolean|null);

            /** OpDef isStateful */
            isStateful?: (boolean|null);

            /** OpDef isCommutative */
            isCommutative?: (boolean|null);

            /** OpDef allowsUninitializedInput */
            allowsUninitializedInput?: (boolean|null);

            /** OpDef controlOutput */
            controlOutput?: (string[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an OpDef. */
        type $Shape = {
          name?: string|null;
          inputArg?: tensorflow.OpDef.ArgDef.$Shape[]|null;
          outputArg?: tensorflow.OpDef.ArgDef.$Shape[]|null;
          attr?: tensorflow.OpDef.AttrDef.$Shape[]|null;
          isAggregate?: boolean|null;
          isStateful?: boolean|null;
          isCommutative?: boolean|null;
          allowsUninitializedInput?: boolean|null;
          controlOutput?: string[]|null;
          $unknowns?: Uint8Array[];
        };

        /**
         * Properties of an ArgDef.
         * @deprecated Use tensorflow.OpDef.ArgDef.$Properties instead.
         */
        interface IArgDef extends tensorflow.OpDef.ArgDef.$Properties {
        }

        /** Represents an ArgDef. */
        class ArgDef {

            /**
             * Constructs a new ArgDef.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.OpDef.ArgDef.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ArgDef name. */
            name: string;

            /** ArgDef type. */
            type: tensorflow.DataType;

            /** ArgDef typeAttr. */
            typeAttr: string;

            /** ArgDef numberAttr. */
            numberAttr: string;

            /** ArgDef typeListAttr. */
            typeListAttr: string;

            /** ArgDef isRef. */
            isRef: boolean;

            /**
             * Creates a new ArgDef instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ArgDef instance
             */
            static create(properties: tensorflow.OpDef.ArgDef.$Shape): tensorflow.OpDef.ArgDef & tensorflow.OpDef.ArgDef.$Shape;
            static create(properties?: tensorflow.OpDef.ArgDef.$Properties): tensorflow.OpDef.ArgDef;

            /**
             * Encodes the specified ArgDef message. Does not implicitly {@link tensorflow.OpDef.ArgDef.verify|verify} messages.
             * @param message ArgDef message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.OpDef.ArgDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ArgDef message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.OpDef.ArgDef & tensorflow.OpDef.ArgDef.$Shape} ArgDef
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.OpDef.ArgDef & tensorflow.OpDef.ArgDef.$Shape;
        }

        namespace ArgDef {

            /** Properties of an ArgDef. */
            interface $Properties {

                /** ArgDef name */
                name?: (string|null);

                /** ArgDef type */
                type?: (tensorflow.DataType|null);

                /** ArgDef typeAttr */
                typeAttr?: (string|null);

                /** ArgDef numberAttr */
                numberAttr?: (string|null);

                /** ArgDef typeListAttr */
                typeListAttr?: (string|null);

                /** ArgDef isRef */
                isRef?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ArgDef. */
            type $Shape = tensorflow.OpDef.ArgDef.$Properties;
        }

        /**
         * Properties of an AttrDef.
         * @deprecated Use tensorflow.OpDef.AttrDef.$Properties instead.
         */
        interface IAttrDef extends tensorflow.OpDef.AttrDef.$Properties {
        }

        /** Represents an AttrDef. */
        class AttrDef {

            /**
             * Constructs a new AttrDef.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.OpDef.AttrDef.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AttrDef name. */
            name: string;

            /** AttrDef type. */
            type: string;

            /** AttrDef defaultValue. */
            defaultValue?: (tensorflow.AttrValue.$Properties|null);

            /** AttrDef hasMinimum. */
            hasMinimum: boolean;

            /** AttrDef minimum. */
            minimum: Long;

            /** AttrDef allowedValues. */
            allowedValues?: (tensorflow.AttrValue.$Properties|null);

            /**
             * Creates a new AttrDef instance using the specified properties.
             * @param [properties] Properties to set
             * @returns AttrDef instance
             */
            static create(properties: tensorflow.OpDef.AttrDef.$Shape): tensorflow.OpDef.AttrDef & tensorflow.OpDef.AttrDef.$Shape;
            static create(properties?: tensorflow.OpDef.AttrDef.$Properties): tensorflow.OpDef.AttrDef;

            /**
             * Encodes the specified AttrDef message. Does not implicitly {@link tensorflow.OpDef.AttrDef.verify|verify} messages.
             * @param message AttrDef message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.OpDef.AttrDef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AttrDef message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.OpDef.AttrDef & tensorflow.OpDef.AttrDef.$Shape} AttrDef
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.OpDef.AttrDef & tensorflow.OpDef.AttrDef.$Shape;
        }

        namespace AttrDef {

            /** Properties of an AttrDef. */
            interface $Properties {

                /** AttrDef name */
                name?: (string|null);

                /** AttrDef type */
                type?: (string|null);

                /** AttrDef defaultValue */
                defaultValue?: (tensorflow.AttrValue.$Properties|null);

                /** AttrDef hasMinimum */
                hasMinimum?: (boolean|null);

                /** AttrDef minimum */
                minimum?: (Long|null);

                /** AttrDef allowedValues */
                allowedValues?: (tensorflow.AttrValue.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AttrDef. */
            type $Shape = {
              name?: string|null;
              type?: string|null;
              defaultValue?: tensorflow.AttrValue.$Shape|null;
              hasMinimum?: boolean|null;
              minimum?: Long|null;
              allowedValues?: tensorflow.AttrValue.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
    }

    /**
     * Properties of a SavedObjectGraph.
     * @deprecated Use tensorflow.SavedObjectGraph.$Properties instead.
     */
    interface ISavedObjectGraph extends tensorflow.SavedObjectGraph.$Properties {
    }

    /** Represents a SavedObjectGraph. */
    class SavedObjectGraph {

        /**
         * Constructs a new SavedObjectGraph.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedObjectGraph.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedObjectGraph nodes. */
        nodes: tensorflow.SavedObject.$Properties[];

        /** SavedObjectGraph concreteFunctions. */
        concreteFunctions: { [k: string]: tensorflow.SavedConcreteFunction.$Properties };

        /**
         * Creates a new SavedObjectGraph instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedObjectGraph instance
         */
        static create(properties: tensorflow.SavedObjectGraph.$Shape): tensorflow.SavedObjectGraph & tensorflow.SavedObjectGraph.$Shape;
        static create(properties?: tensorflow.SavedObjectGraph.$Properties): tensorflow.SavedObjectGraph;

        /**
         * Encodes the specified SavedObjectGraph message. Does not implicitly {@link tensorflow.SavedObjectGraph.verify|verify} messages.
         * @param message SavedObjectGraph message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedObjectGraph.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedObjectGraph message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedObjectGraph & tensorflow.SavedObjectGraph.$Shape} SavedObjectGraph
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedObjectGraph & tensorflow.SavedObjectGraph.$Shape;
    }

    namespace SavedObjectGraph {

        /** Properties of a SavedObjectGraph. */
        interface $Properties {

            /** SavedObjectGraph nodes */
            nodes?: (tensorflow.SavedObject.$Properties[]|null);

            /** SavedObjectGraph concreteFunctions */
            concreteFunctions?: ({ [k: string]: tensorflow.SavedConcreteFunction.$Properties }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedObjectGraph. */
        type $Shape = {
          nodes?: tensorflow.SavedObject.$Shape[]|null;
          concreteFunctions?: { [k: string]: tensorflow.SavedConcreteFunction.$Shape }|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a SavedObject.
     * @deprecated Use tensorflow.SavedObject.$Properties instead.
     */
    interface ISavedObject extends tensorflow.SavedObject.$Properties {
    }

    /** Represents a SavedObject. */
    class SavedObject {

        /**
         * Constructs a new SavedObject.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedObject.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedObject children. */
        children: tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties[];

        /** SavedObject userObject. */
        userObject?: (tensorflow.SavedUserObject.$Properties|null);

        /** SavedObject asset. */
        asset?: (tensorflow.SavedAsset.$Properties|null);

        /** SavedObject function. */
        function?: (tensorflow.SavedFunction.$Properties|null);

        /** SavedObject variable. */
        variable?: (tensorflow.SavedVariable.$Properties|null);

        /** SavedObject bareConcreteFunction. */
        bareConcreteFunction?: (tensorflow.SavedBareConcreteFunction.$Properties|null);

        /** SavedObject constant. */
        constant?: (tensorflow.SavedConstant.$Properties|null);

        /** SavedObject resource. */
        resource?: (tensorflow.SavedResource.$Properties|null);

        /** SavedObject capturedTensor. */
        capturedTensor?: (tensorflow.CapturedTensor.$Properties|null);

        /** SavedObject registeredName. */
        registeredName: string;

        /** SavedObject kind. */
        kind?: ("userObject"|"asset"|"Function"|"variable"|"bareConcreteFunction"|"constant"|"resource"|"capturedTensor");

        /**
         * Creates a new SavedObject instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedObject instance
         */
        static create(properties: tensorflow.SavedObject.$Shape): tensorflow.SavedObject & tensorflow.SavedObject.$Shape;
        static create(properties?: tensorflow.SavedObject.$Properties): tensorflow.SavedObject;

        /**
         * Encodes the specified SavedObject message. Does not implicitly {@link tensorflow.SavedObject.verify|verify} messages.
         * @param message SavedObject message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedObject.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedObject message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedObject & tensorflow.SavedObject.$Shape} SavedObject
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedObject & tensorflow.SavedObject.$Shape;
    }

    namespace SavedObject {

        /** Properties of a SavedObject. */
        interface $Properties {

            /** SavedObject children */
            children?: (tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties[]|null);

            /** SavedObject userObject */
            userObject?: (tensorflow.SavedUserObject.$Properties|null);

            /** SavedObject asset */
            asset?: (tensorflow.SavedAsset.$Properties|null);

            /** SavedObject function */
            "function"?: (tensorflow.SavedFunction.$Properties|null);

            /** SavedObject variable */
            variable?: (tensorflow.SavedVariable.$Properties|null);

            /** SavedObject bareConcreteFunction */
            bareConcreteFunction?: (tensorflow.SavedBareConcreteFunction.$Properties|null);

            /** SavedObject constant */
            constant?: (tensorflow.SavedConstant.$Properties|null);

            /** SavedObject resource */
            resource?: (tensorflow.SavedResource.$Properties|null);

            /** SavedObject capturedTensor */
            capturedTensor?: (tensorflow.CapturedTensor.$Properties|null);

            /** SavedObject registeredName */
            registeredName?: (string|null);

            /** SavedObject kind */
            kind?: ("userObject"|"asset"|"Function"|"variable"|"bareConcreteFunction"|"constant"|"resource"|"capturedTensor");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a SavedObject. */
        type $Shape = {
          children?: tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Shape[]|null;
          userObject?: tensorflow.SavedUserObject.$Shape|null;
          asset?: tensorflow.SavedAsset.$Shape|null;
          "Function"?: tensorflow.SavedFunction.$Shape|null;
          variable?: tensorflow.SavedVariable.$Shape|null;
          bareConcreteFunction?: tensorflow.SavedBareConcreteFunction.$Shape|null;
          constant?: tensorflow.SavedConstant.$Shape|null;
          resource?: tensorflow.SavedResource.$Shape|null;
          capturedTensor?: tensorflow.CapturedTensor.$Shape|null;
          registeredName?: string|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ kind?: undefined; userObject?: null; asset?: null; "Function"?: null; variable?: null; bareConcreteFunction?: null; constant?: null; resource?: null; capturedTensor?: null }|{ kind?: "userObject"; userObject: tensorflow.SavedUserObject.$Shape; asset?: null; "Function"?: null; variable?: null; bareConcreteFunction?: null; constant?: null; resource?: null; capturedTensor?: null }|{ kind?: "asset"; userObject?: null; asset: tensorflow.SavedAsset.$Shape; "Function"?: null; variable?: null; bareConcreteFunction?: null; constant?: null; resource?: null; capturedTensor?: null }|{ kind?: "Function"; userObject?: null; asset?: null; "Function": tensorflow.SavedFunction.$Shape; variable?: null; bareConcreteFunction?: null; constant?: null; resource?: null; capturedTensor?: null }|{ kind?: "variable"; userObject?: null; asset?: null; "Function"?: null; variable: tensorflow.SavedVariable.$Shape; bareConcreteFunction?: null; constant?: null; resource?: null; capturedTensor?: null }|{ kind?: "bareConcreteFunction"; userObject?: null; asset?: null; "Function"?: null; variable?: null; bareConcreteFunction: tensorflow.SavedBareConcreteFunction.$Shape; constant?: null; resource?: null; capturedTensor?: null }|{ kind?: "constant"; userObject?: null; asset?: null; "Function"?: null; variable?: null; bareConcreteFunction?: null; constant: tensorflow.SavedConstant.$Shape; resource?: null; capturedTensor?: null }|{ kind?: "resource"; userObject?: null; asset?: null; "Function"?: null; variable?: null; bareConcreteFunction?: null; constant?: null; resource: tensorflow.SavedResource.$Shape; capturedTensor?: null }|{ kind?: "capturedTensor"; userObject?: null; asset?: null; "Function"?: null; variable?: null; bareConcreteFunction?: null; constant?: null; resource?: null; capturedTensor: tensorflow.CapturedTensor.$Shape })
        );
    }

    /**
     * Properties of a TrackableObjectGraph.
     * @deprecated Use tensorflow.TrackableObjectGraph.$Properties instead.
     */
    interface ITrackableObjectGraph extends tensorflow.TrackableObjectGraph.$Properties {
    }

    /** Represents a TrackableObjectGraph. */
    class TrackableObjectGraph {

        /**
         * Constructs a new TrackableObjectGraph.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TrackableObjectGraph.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Creates a new TrackableObjectGraph instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TrackableObjectGraph instance
         */
        static create(properties: tensorflow.TrackableObjectGraph.$Shape): tensorflow.TrackableObjectGraph & tensorflow.TrackableObjectGraph.$Shape;
        static create(properties?: tensorflow.TrackableObjectGraph.$Properties): tensorflow.TrackableObjectGraph;

        /**
         * Encodes the specified TrackableObjectGraph message. Does not implicitly {@link tensorflow.TrackableObjectGraph.verify|verify} messages.
         * @param message TrackableObjectGraph message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TrackableObjectGraph.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TrackableObjectGraph message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TrackableObjectGraph & tensorflow.TrackableObjectGraph.$Shape} TrackableObjectGraph
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TrackableObjectGraph & tensorflow.TrackableObjectGraph.$Shape;
    }

    namespace TrackableObjectGraph {

        /** Properties of a TrackableObjectGraph. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TrackableObjectGraph. */
        type $Shape = tensorflow.TrackableObjectGraph.$Properties;

        /**
         * Properties of a TrackableObject.
         * @deprecated Use tensorflow.TrackableObjectGraph.TrackableObject.$Properties instead.
         */
        interface ITrackableObject extends tensorflow.TrackableObjectGraph.TrackableObject.$Properties {
        }

        /** Represents a TrackableObject. */
        class TrackableObject {

            /**
             * Constructs a new TrackableObject.
             * @param [properties] Properties to set
             */
            constructor(properties?: tensorflow.TrackableObjectGraph.TrackableObject.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Creates a new TrackableObject instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TrackableObject instance
             */
            static create(properties: tensorflow.TrackableObjectGraph.TrackableObject.$Shape): tensorflow.TrackableObjectGraph.TrackableObject & tensorflow.TrackableObjectGraph.TrackableObject.$Shape;
            static create(properties?: tensorflow.TrackableObjectGraph.TrackableObject.$Properties): tensorflow.TrackableObjectGraph.TrackableObject;

            /**
             * Encodes the specified TrackableObject message. Does not implicitly {@link tensorflow.TrackableObjectGraph.TrackableObject.verify|verify} messages.
             * @param message TrackableObject message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tensorflow.TrackableObjectGraph.TrackableObject.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TrackableObject message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tensorflow.TrackableObjectGraph.TrackableObject & tensorflow.TrackableObjectGraph.TrackableObject.$Shape} TrackableObject
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TrackableObjectGraph.TrackableObject & tensorflow.TrackableObjectGraph.TrackableObject.$Shape;
        }

        namespace TrackableObject {

            /** Properties of a TrackableObject. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TrackableObject. */
            type $Shape = tensorflow.TrackableObjectGraph.TrackableObject.$Properties;

            /**
             * Properties of an ObjectReference.
             * @deprecated Use tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties instead.
             */
            interface IObjectReference extends tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties {
            }

            /** Represents an ObjectReference. */
            class ObjectReference {

                /**
                 * Constructs a new ObjectReference.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ObjectReference nodeId. */
                nodeId: number;

                /** ObjectReference localName. */
                localName: string;

                /**
                 * Creates a new ObjectReference instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ObjectReference instance
                 */
                static create(properties: tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Shape): tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference & tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Shape;
                static create(properties?: tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties): tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference;

                /**
                 * Encodes the specified ObjectReference message. Does not implicitly {@link tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.verify|verify} messages.
                 * @param message ObjectReference message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ObjectReference message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference & tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Shape} ObjectReference
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference & tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Shape;
            }

            namespace ObjectReference {

                /** Properties of an ObjectReference. */
                interface $Properties {

                    /** ObjectReference nodeId */
                    nodeId?: (number|null);

                    /** ObjectReference localName */
                    localName?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ObjectReference. */
                type $Shape = tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference.$Properties;
            }
        }
    }

    /**
     * Properties of a SavedUserObject.
     * @deprecated Use tensorflow.SavedUserObject.$Properties instead.
     */
    interface ISavedUserObject extends tensorflow.SavedUserObject.$Properties {
    }

    /** Represents a SavedUserObject. */
    class SavedUserObject {

        /**
         * Constructs a new SavedUserObject.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedUserObject.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedUserObject identifier. */
        identifier: string;

        /** SavedUserObject version. */
        version?: (tensorflow.VersionDef.$Properties|null);

        /**
         * Creates a new SavedUserObject instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedUserObject instance
         */
        static create(properties: tensorflow.SavedUserObject.$Shape): tensorflow.SavedUserObject & tensorflow.SavedUserObject.$Shape;
        static create(properties?: tensorflow.SavedUserObject.$Properties): tensorflow.SavedUserObject;

        /**
         * Encodes the specified SavedUserObject message. Does not implicitly {@link tensorflow.SavedUserObject.verify|verify} messages.
         * @param message SavedUserObject message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedUserObject.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedUserObject message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedUserObject & tensorflow.SavedUserObject.$Shape} SavedUserObject
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedUserObject & tensorflow.SavedUserObject.$Shape;
    }

    namespace SavedUserObject {

        /** Properties of a SavedUserObject. */
        interface $Properties {

            /** SavedUserObject identifier */
            identifier?: (string|null);

            /** SavedUserObject version */
            version?: (tensorflow.VersionDef.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedUserObject. */
        type $Shape = tensorflow.SavedUserObject.$Properties;
    }

    /**
     * Properties of a SavedAsset.
     * @deprecated Use tensorflow.SavedAsset.$Properties instead.
     */
    interface ISavedAsset extends tensorflow.SavedAsset.$Properties {
    }

    /** Represents a SavedAsset. */
    class SavedAsset {

        /**
         * Constructs a new SavedAsset.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedAsset.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedAsset assetFileDefIndex. */
        assetFileDefIndex: number;

        /**
         * Creates a new SavedAsset instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedAsset instance
         */
        static create(properties: tensorflow.SavedAsset.$Shape): tensorflow.SavedAsset & tensorflow.SavedAsset.$Shape;
        static create(properties?: tensorflow.SavedAsset.$Properties): tensorflow.SavedAsset;

        /**
         * Encodes the specified SavedAsset message. Does not implicitly {@link tensorflow.SavedAsset.verify|verify} messages.
         * @param message SavedAsset message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedAsset.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedAsset message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedAsset & tensorflow.SavedAsset.$Shape} SavedAsset
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedAsset & tensorflow.SavedAsset.$Shape;
    }

    namespace SavedAsset {

        /** Properties of a SavedAsset. */
        interface $Properties {

            /** SavedAsset assetFileDefIndex */
            assetFileDefIndex?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedAsset. */
        type $Shape = tensorflow.SavedAsset.$Properties;
    }

    /**
     * Properties of a SavedFunction.
     * @deprecated Use tensorflow.SavedFunction.$Properties instead.
     */
    interface ISavedFunction extends tensorflow.SavedFunction.$Properties {
    }

    /** Represents a SavedFunction. */
    class SavedFunction {

        /**
         * Constructs a new SavedFunction.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedFunction.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedFunction concreteFunctions. */
        concreteFunctions: string[];

        /** SavedFunction functionSpec. */
        functionSpec?: (tensorflow.FunctionSpec.$Properties|null);

        /**
         * Creates a new SavedFunction instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedFunction instance
         */
        static create(properties: tensorflow.SavedFunction.$Shape): tensorflow.SavedFunction & tensorflow.SavedFunction.$Shape;
        static create(properties?: tensorflow.SavedFunction.$Properties): tensorflow.SavedFunction;

        /**
         * Encodes the specified SavedFunction message. Does not implicitly {@link tensorflow.SavedFunction.verify|verify} messages.
         * @param message SavedFunction message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedFunction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedFunction message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedFunction & tensorflow.SavedFunction.$Shape} SavedFunction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedFunction & tensorflow.SavedFunction.$Shape;
    }

    namespace SavedFunction {

        /** Properties of a SavedFunction. */
        interface $Properties {

            /** SavedFunction concreteFunctions */
            concreteFunctions?: (string[]|null);

            /** SavedFunction functionSpec */
            functionSpec?: (tensorflow.FunctionSpec.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedFunction. */
        type $Shape = {
          concreteFunctions?: string[]|null;
          functionSpec?: tensorflow.FunctionSpec.$Shape|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a SavedVariable.
     * @deprecated Use tensorflow.SavedVariable.$Properties instead.
     */
    interface ISavedVariable extends tensorflow.SavedVariable.$Properties {
    }

    /** Represents a SavedVariable. */
    class SavedVariable {

        /**
         * Constructs a new SavedVariable.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedVariable.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedVariable dtype. */
        dtype: tensorflow.DataType;

        /** SavedVariable shape. */
        shape?: (tensorflow.TensorShapeProto.$Properties|null);

        /** SavedVariable trainable. */
        trainable: boolean;

        /** SavedVariable name. */
        name: string;

        /**
         * Creates a new SavedVariable instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedVariable instance
         */
        static create(properties: tensorflow.SavedVariable.$Shape): tensorflow.SavedVariable & tensorflow.SavedVariable.$Shape;
        static create(properties?: tensorflow.SavedVariable.$Properties): tensorflow.SavedVariable;

        /**
         * Encodes the specified SavedVariable message. Does not implicitly {@link tensorflow.SavedVariable.verify|verify} messages.
         * @param message SavedVariable message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedVariable.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedVariable message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedVariable & tensorflow.SavedVariable.$Shape} SavedVariable
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedVariable & tensorflow.SavedVariable.$Shape;
    }

    namespace SavedVariable {

        /** Properties of a SavedVariable. */
        interface $Properties {

            /** SavedVariable dtype */
            dtype?: (tensorflow.DataType|null);

            /** SavedVariable shape */
            shape?: (tensorflow.TensorShapeProto.$Properties|null);

            /** SavedVariable trainable */
            trainable?: (boolean|null);

            /** SavedVariable name */
            name?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedVariable. */
        type $Shape = tensorflow.SavedVariable.$Properties;
    }

    /**
     * Properties of a SavedBareConcreteFunction.
     * @deprecated Use tensorflow.SavedBareConcreteFunction.$Properties instead.
     */
    interface ISavedBareConcreteFunction extends tensorflow.SavedBareConcreteFunction.$Properties {
    }

    /** Represents a SavedBareConcreteFunction. */
    class SavedBareConcreteFunction {

        /**
         * Constructs a new SavedBareConcreteFunction.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedBareConcreteFunction.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedBareConcreteFunction concreteFunctionName. */
        concreteFunctionName: string;

        /** SavedBareConcreteFunction argumentKeywords. */
        argumentKeywords: string[];

        /** SavedBareConcreteFunction allowedPositionalArguments. */
        allowedPositionalArguments: Long;

        /** SavedBareConcreteFunction functionSpec. */
        functionSpec?: (tensorflow.FunctionSpec.$Properties|null);

        /**
         * Creates a new SavedBareConcreteFunction instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedBareConcreteFunction instance
         */
        static create(properties: tensorflow.SavedBareConcreteFunction.$Shape): tensorflow.SavedBareConcreteFunction & tensorflow.SavedBareConcreteFunction.$Shape;
        static create(properties?: tensorflow.SavedBareConcreteFunction.$Properties): tensorflow.SavedBareConcreteFunction;

        /**
         * Encodes the specified SavedBareConcreteFunction message. Does not implicitly {@link tensorflow.SavedBareConcreteFunction.verify|verify} messages.
         * @param message SavedBareConcreteFunction message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedBareConcreteFunction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedBareConcreteFunction message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedBareConcreteFunction & tensorflow.SavedBareConcreteFunction.$Shape} SavedBareConcreteFunction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedBareConcreteFunction & tensorflow.SavedBareConcreteFunction.$Shape;
    }

    namespace SavedBareConcreteFunction {

        /** Properties of a SavedBareConcreteFunction. */
        interface $Properties {

            /** SavedBareConcreteFunction concreteFunctionName */
            concreteFunctionName?: (string|null);

            /** SavedBareConcreteFunction argumentKeywords */
            argumentKeywords?: (string[]|null);

            /** SavedBareConcreteFunction allowedPositionalArguments */
            allowedPositionalArguments?: (Long|null);

            /** SavedBareConcreteFunction functionSpec */
            functionSpec?: (tensorflow.FunctionSpec.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedBareConcreteFunction. */
        type $Shape = {
          concreteFunctionName?: string|null;
          argumentKeywords?: string[]|null;
          allowedPositionalArguments?: Long|null;
          functionSpec?: tensorflow.FunctionSpec.$Shape|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a SavedConstant.
     * @deprecated Use tensorflow.SavedConstant.$Properties instead.
     */
    interface ISavedConstant extends tensorflow.SavedConstant.$Properties {
    }

    /** Represents a SavedConstant. */
    class SavedConstant {

        /**
         * Constructs a new SavedConstant.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedConstant.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedConstant operation. */
        operation: string;

        /**
         * Creates a new SavedConstant instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedConstant instance
         */
        static create(properties: tensorflow.SavedConstant.$Shape): tensorflow.SavedConstant & tensorflow.SavedConstant.$Shape;
        static create(properties?: tensorflow.SavedConstant.$Properties): tensorflow.SavedConstant;

        /**
         * Encodes the specified SavedConstant message. Does not implicitly {@link tensorflow.SavedConstant.verify|verify} messages.
         * @param message SavedConstant message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedConstant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedConstant message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedConstant & tensorflow.SavedConstant.$Shape} SavedConstant
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedConstant & tensorflow.SavedConstant.$Shape;
    }

    namespace SavedConstant {

        /** Properties of a SavedConstant. */
        interface $Properties {

            /** SavedConstant operation */
            operation?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedConstant. */
        type $Shape = tensorflow.SavedConstant.$Properties;
    }

    /**
     * Properties of a SavedResource.
     * @deprecated Use tensorflow.SavedResource.$Properties instead.
     */
    interface ISavedResource extends tensorflow.SavedResource.$Properties {
    }

    /** Represents a SavedResource. */
    class SavedResource {

        /**
         * Constructs a new SavedResource.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedResource.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedResource device. */
        device: string;

        /**
         * Creates a new SavedResource instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedResource instance
         */
        static create(properties: tensorflow.SavedResource.$Shape): tensorflow.SavedResource & tensorflow.SavedResource.$Shape;
        static create(properties?: tensorflow.SavedResource.$Properties): tensorflow.SavedResource;

        /**
         * Encodes the specified SavedResource message. Does not implicitly {@link tensorflow.SavedResource.verify|verify} messages.
         * @param message SavedResource message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedResource.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedResource message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedResource & tensorflow.SavedResource.$Shape} SavedResource
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedResource & tensorflow.SavedResource.$Shape;
    }

    namespace SavedResource {

        /** Properties of a SavedResource. */
        interface $Properties {

            /** SavedResource device */
            device?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedResource. */
        type $Shape = tensorflow.SavedResource.$Properties;
    }

    /**
     * Properties of a CapturedTensor.
     * @deprecated Use tensorflow.CapturedTensor.$Properties instead.
     */
    interface ICapturedTensor extends tensorflow.CapturedTensor.$Properties {
    }

    /** Represents a CapturedTensor. */
    class CapturedTensor {

        /**
         * Constructs a new CapturedTensor.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.CapturedTensor.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CapturedTensor name. */
        name: string;

        /** CapturedTensor concreteFunction. */
        concreteFunction: string;

        /**
         * Creates a new CapturedTensor instance using the specified properties.
         * @param [properties] Properties to set
         * @returns CapturedTensor instance
         */
        static create(properties: tensorflow.CapturedTensor.$Shape): tensorflow.CapturedTensor & tensorflow.CapturedTensor.$Shape;
        static create(properties?: tensorflow.CapturedTensor.$Properties): tensorflow.CapturedTensor;

        /**
         * Encodes the specified CapturedTensor message. Does not implicitly {@link tensorflow.CapturedTensor.verify|verify} messages.
         * @param message CapturedTensor message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.CapturedTensor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CapturedTensor message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.CapturedTensor & tensorflow.CapturedTensor.$Shape} CapturedTensor
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.CapturedTensor & tensorflow.CapturedTensor.$Shape;
    }

    namespace CapturedTensor {

        /** Properties of a CapturedTensor. */
        interface $Properties {

            /** CapturedTensor name */
            name?: (string|null);

            /** CapturedTensor concreteFunction */
            concreteFunction?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a CapturedTensor. */
        type $Shape = tensorflow.CapturedTensor.$Properties;
    }

    /**
     * Properties of a SavedConcreteFunction.
     * @deprecated Use tensorflow.SavedConcreteFunction.$Properties instead.
     */
    interface ISavedConcreteFunction extends tensorflow.SavedConcreteFunction.$Properties {
    }

    /** Represents a SavedConcreteFunction. */
    class SavedConcreteFunction {

        /**
         * Constructs a new SavedConcreteFunction.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.SavedConcreteFunction.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SavedConcreteFunction boundInputs. */
        boundInputs: number[];

        /** SavedConcreteFunction canonicalizedInputSignature. */
        canonicalizedInputSignature?: (tensorflow.StructuredValue.$Properties|null);

        /** SavedConcreteFunction outputSignature. */
        outputSignature?: (tensorflow.StructuredValue.$Properties|null);

        /**
         * Creates a new SavedConcreteFunction instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SavedConcreteFunction instance
         */
        static create(properties: tensorflow.SavedConcreteFunction.$Shape): tensorflow.SavedConcreteFunction & tensorflow.SavedConcreteFunction.$Shape;
        static create(properties?: tensorflow.SavedConcreteFunction.$Properties): tensorflow.SavedConcreteFunction;

        /**
         * Encodes the specified SavedConcreteFunction message. Does not implicitly {@link tensorflow.SavedConcreteFunction.verify|verify} messages.
         * @param message SavedConcreteFunction message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.SavedConcreteFunction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SavedConcreteFunction message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.SavedConcreteFunction & tensorflow.SavedConcreteFunction.$Shape} SavedConcreteFunction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.SavedConcreteFunction & tensorflow.SavedConcreteFunction.$Shape;
    }

    namespace SavedConcreteFunction {

        /** Properties of a SavedConcreteFunction. */
        interface $Properties {

            /** SavedConcreteFunction boundInputs */
            boundInputs?: (number[]|null);

            /** SavedConcreteFunction canonicalizedInputSignature */
            canonicalizedInputSignature?: (tensorflow.StructuredValue.$Properties|null);

            /** SavedConcreteFunction outputSignature */
            outputSignature?: (tensorflow.StructuredValue.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SavedConcreteFunction. */
        type $Shape = {
          boundInputs?: number[]|null;
          canonicalizedInputSignature?: tensorflow.StructuredValue.$Shape|null;
          outputSignature?: tensorflow.StructuredValue.$Shape|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a FunctionSpec.
     * @deprecated Use tensorflow.FunctionSpec.$Properties instead.
     */
    interface IFunctionSpec extends tensorflow.FunctionSpec.$Properties {
    }

    /** Represents a FunctionSpec. */
    class FunctionSpec {

        /**
         * Constructs a new FunctionSpec.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.FunctionSpec.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** FunctionSpec fullargspec. */
        fullargspec?: (tensorflow.StructuredValue.$Properties|null);

        /** FunctionSpec isMethod. */
        isMethod: boolean;

        /** FunctionSpec inputSignature. */
        inputSignature?: (tensorflow.StructuredValue.$Properties|null);

        /**
         * Creates a new FunctionSpec instance using the specified properties.
         * @param [properties] Properties to set
         * @returns FunctionSpec instance
         */
        static create(properties: tensorflow.FunctionSpec.$Shape): tensorflow.FunctionSpec & tensorflow.FunctionSpec.$Shape;
        static create(properties?: tensorflow.FunctionSpec.$Properties): tensorflow.FunctionSpec;

        /**
         * Encodes the specified FunctionSpec message. Does not implicitly {@link tensorflow.FunctionSpec.verify|verify} messages.
         * @param message FunctionSpec message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.FunctionSpec.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a FunctionSpec message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.FunctionSpec & tensorflow.FunctionSpec.$Shape} FunctionSpec
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.FunctionSpec & tensorflow.FunctionSpec.$Shape;
    }

    namespace FunctionSpec {

        /** Properties of a FunctionSpec. */
        interface $Properties {

            /** FunctionSpec fullargspec */
            fullargspec?: (tensorflow.StructuredValue.$Properties|null);

            /** FunctionSpec isMethod */
            isMethod?: (boolean|null);

            /** FunctionSpec inputSignature */
            inputSignature?: (tensorflow.StructuredValue.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a FunctionSpec. */
        type $Shape = {
          fullargspec?: tensorflow.StructuredValue.$Shape|null;
          isMethod?: boolean|null;
          inputSignature?: tensorflow.StructuredValue.$Shape|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a StructuredValue.
     * @deprecated Use tensorflow.StructuredValue.$Properties instead.
     */
    interface IStructuredValue extends tensorflow.StructuredValue.$Properties {
    }

    /** Represents a StructuredValue. */
    class StructuredValue {

        /**
         * Constructs a new StructuredValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.StructuredValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StructuredValue noneValue. */
        noneValue?: (tensorflow.NoneValue.$Properties|null);

        /** StructuredValue float64Value. */
        float64Value?: (number|null);

        /** StructuredValue int64Value. */
        int64Value?: (Long|null);

        /** StructuredValue stringValue. */
        stringValue?: (string|null);

        /** StructuredValue boolValue. */
        boolValue?: (boolean|null);

        /** StructuredValue tensorShapeValue. */
        tensorShapeValue?: (tensorflow.TensorShapeProto.$Properties|null);

        /** StructuredValue tensorDtypeValue. */
        tensorDtypeValue?: (tensorflow.DataType|null);

        /** StructuredValue tensorSpecValue. */
        tensorSpecValue?: (tensorflow.TensorSpecProto.$Properties|null);

        /** StructuredValue typeSpecValue. */
        typeSpecValue?: (tensorflow.TypeSpecProto.$Properties|null);

        /** StructuredValue boundedTensorSpecValue. */
        boundedTensorSpecValue?: (tensorflow.BoundedTensorSpecProto.$Properties|null);

        /** StructuredValue listValue. */
        listValue?: (tensorflow.ListValue.$Properties|null);

        /** StructuredValue tupleValue. */
        tupleValue?: (tensorflow.TupleValue.$Properties|null);

        /** StructuredValue dictValue. */
        dictValue?: (tensorflow.DictValue.$Properties|null);

        /** StructuredValue namedTupleValue. */
        namedTupleValue?: (tensorflow.NamedTupleValue.$Properties|null);

        /** StructuredValue tensorValue. */
        tensorValue?: (tensorflow.TensorProto.$Properties|null);

        /** StructuredValue numpyValue. */
        numpyValue?: (tensorflow.TensorProto.$Properties|null);

        /** StructuredValue kind. */
        kind?: ("noneValue"|"float64Value"|"int64Value"|"stringValue"|"boolValue"|"tensorShapeValue"|"tensorDtypeValue"|"tensorSpecValue"|"typeSpecValue"|"boundedTensorSpecValue"|"listValue"|"tupleValue"|"dictValue"|"namedTupleValue"|"tensorValue"|"numpyValue");

        /**
         * Creates a new StructuredValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns StructuredValue instance
         */
        static create(properties: tensorflow.StructuredValue.$Shape): tensorflow.StructuredValue & tensorflow.StructuredValue.$Shape;
        static create(properties?: tensorflow.StructuredValue.$Properties): tensorflow.StructuredValue;

        /**
         * Encodes the specified StructuredValue message. Does not implicitly {@link tensorflow.StructuredValue.verify|verify} messages.
         * @param message StructuredValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.StructuredValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StructuredValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.StructuredValue & tensorflow.StructuredValue.$Shape} StructuredValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.StructuredValue & tensorflow.StructuredValue.$Shape;
    }

    namespace StructuredValue {

        /** Properties of a StructuredValue. */
        interface $Properties {

            /** StructuredValue noneValue */
            noneValue?: (tensorflow.NoneValue.$Properties|null);

            /** StructuredValue float64Value */
            float64Value?: (number|null);

            /** StructuredValue int64Value */
            int64Value?: (Long|null);

            /** StructuredValue stringValue */
            stringValue?: (string|null);

            /** StructuredValue boolValue */
            boolValue?: (boolean|null);

            /** StructuredValue tensorShapeValue */
            tensorShapeValue?: (tensorflow.TensorShapeProto.$Properties|null);

            /** StructuredValue tensorDtypeValue */
            tensorDtypeValue?: (tensorflow.DataType|null);

            /** StructuredValue tensorSpecValue */
            tensorSpecValue?: (tensorflow.TensorSpecProto.$Properties|null);

            /** StructuredValue typeSpecValue */
            typeSpecValue?: (tensorflow.TypeSpecProto.$Properties|null);

            /** StructuredValue boundedTensorSpecValue */
            boundedTensorSpecValue?: (tensorflow.BoundedTensorSpecProto.$Properties|null);

            /** StructuredValue listValue */
            listValue?: (tensorflow.ListValue.$Properties|null);

            /** StructuredValue tupleValue */
            tupleValue?: (tensorflow.TupleValue.$Properties|null);

            /** StructuredValue dictValue */
            dictValue?: (tensorflow.DictValue.$Properties|null);

            /** StructuredValue namedTupleValue */
            namedTupleValue?: (tensorflow.NamedTupleValue.$Properties|null);

            /** StructuredValue tensorValue */
            tensorValue?: (tensorflow.TensorProto.$Properties|null);

            /** StructuredValue numpyValue */
            numpyValue?: (tensorflow.TensorProto.$Properties|null);

            /** StructuredValue kind */
            kind?: ("noneValue"|"float64Value"|"int64Value"|"stringValue"|"boolValue"|"tensorShapeValue"|"tensorDtypeValue"|"tensorSpecValue"|"typeSpecValue"|"boundedTensorSpecValue"|"listValue"|"tupleValue"|"dictValue"|"namedTupleValue"|"tensorValue"|"numpyValue");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a StructuredValue. */
        type $Shape = {
          noneValue?: tensorflow.NoneValue.$Shape|null;
          float64Value?: number|null;
          int64Value?: Long|null;
          stringValue?: string|null;
          boolValue?: boolean|null;
          tensorShapeValue?: tensorflow.TensorShapeProto.$Shape|null;
          tensorDtypeValue?: tensorflow.DataType|null;
          tensorSpecValue?: tensorflow.TensorSpecProto.$Shape|null;
          typeSpecValue?: tensorflow.TypeSpecProto.$Shape|null;
          boundedTensorSpecValue?: tensorflow.BoundedTensorSpecProto.$Shape|null;
          listValue?: tensorflow.ListValue.$Shape|null;
          tupleValue?: tensorflow.TupleValue.$Shape|null;
          dictValue?: tensorflow.DictValue.$Shape|null;
          namedTupleValue?: tensorflow.NamedTupleValue.$Shape|null;
          tensorValue?: tensorflow.TensorProto.$Shape|null;
          numpyValue?: tensorflow.TensorProto.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ kind?: undefined; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "noneValue"; noneValue: tensorflow.NoneValue.$Shape; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "float64Value"; noneValue?: null; float64Value: number; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "int64Value"; noneValue?: null; float64Value?: null; int64Value: Long; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "stringValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue: string; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "boolValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue: boolean; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "tensorShapeValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue: tensorflow.TensorShapeProto.$Shape; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "tensorDtypeValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue: tensorflow.DataType; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "tensorSpecValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue: tensorflow.TensorSpecProto.$Shape; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "typeSpecValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue: tensorflow.TypeSpecProto.$Shape; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "boundedTensorSpecValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue: tensorflow.BoundedTensorSpecProto.$Shape; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "listValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue: tensorflow.ListValue.$Shape; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "tupleValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue: tensorflow.TupleValue.$Shape; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "dictValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue: tensorflow.DictValue.$Shape; namedTupleValue?: null; tensorValue?: null; numpyValue?: null }|{ kind?: "namedTupleValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue: tensorflow.NamedTupleValue.$Shape; tensorValue?: null; numpyValue?: null }|{ kind?: "tensorValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue: tensorflow.TensorProto.$Shape; numpyValue?: null }|{ kind?: "numpyValue"; noneValue?: null; float64Value?: null; int64Value?: null; stringValue?: null; boolValue?: null; tensorShapeValue?: null; tensorDtypeValue?: null; tensorSpecValue?: null; typeSpecValue?: null; boundedTensorSpecValue?: null; listValue?: null; tupleValue?: null; dictValue?: null; namedTupleValue?: null; tensorValue?: null; numpyValue: tensorflow.TensorProto.$Shape })
        );
    }

    /**
     * Properties of a NoneValue.
     * @deprecated Use tensorflow.NoneValue.$Properties instead.
     */
    interface INoneValue extends tensorflow.NoneValue.$Properties {
    }

    /** Represents a NoneValue. */
    class NoneValue {

        /**
         * Constructs a new NoneValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.NoneValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Creates a new NoneValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns NoneValue instance
         */
        static create(properties: tensorflow.NoneValue.$Shape): tensorflow.NoneValue & tensorflow.NoneValue.$Shape;
        static create(properties?: tensorflow.NoneValue.$Properties): tensorflow.NoneValue;

        /**
         * Encodes the specified NoneValue message. Does not implicitly {@link tensorflow.NoneValue.verify|verify} messages.
         * @param message NoneValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.NoneValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a NoneValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.NoneValue & tensorflow.NoneValue.$Shape} NoneValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.NoneValue & tensorflow.NoneValue.$Shape;
    }

    namespace NoneValue {

        /** Properties of a NoneValue. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a NoneValue. */
        type $Shape = tensorflow.NoneValue.$Properties;
    }

    /**
     * Properties of a ListValue.
     * @deprecated Use tensorflow.ListValue.$Properties instead.
     */
    interface IListValue extends tensorflow.ListValue.$Properties {
    }

    /** Represents a ListValue. */
    class ListValue {

        /**
         * Constructs a new ListValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.ListValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ListValue values. */
        values: tensorflow.StructuredValue.$Properties[];

        /**
         * Creates a new ListValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ListValue instance
         */
        static create(properties: tensorflow.ListValue.$Shape): tensorflow.ListValue & tensorflow.ListValue.$Shape;
        static create(properties?: tensorflow.ListValue.$Properties): tensorflow.ListValue;

        /**
         * Encodes the specified ListValue message. Does not implicitly {@link tensorflow.ListValue.verify|verify} messages.
         * @param message ListValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.ListValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ListValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.ListValue & tensorflow.ListValue.$Shape} ListValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.ListValue & tensorflow.ListValue.$Shape;
    }

    namespace ListValue {

        /** Properties of a ListValue. */
        interface $Properties {

            /** ListValue values */
            values?: (tensorflow.StructuredValue.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ListValue. */
        type $Shape = {
          values?: tensorflow.StructuredValue.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a TupleValue.
     * @deprecated Use tensorflow.TupleValue.$Properties instead.
     */
    interface ITupleValue extends tensorflow.TupleValue.$Properties {
    }

    /** Represents a TupleValue. */
    class TupleValue {

        /**
         * Constructs a new TupleValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TupleValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TupleValue values. */
        values: tensorflow.StructuredValue.$Properties[];

        /**
         * Creates a new TupleValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TupleValue instance
         */
        static create(properties: tensorflow.TupleValue.$Shape): tensorflow.TupleValue & tensorflow.TupleValue.$Shape;
        static create(properties?: tensorflow.TupleValue.$Properties): tensorflow.TupleValue;

        /**
         * Encodes the specified TupleValue message. Does not implicitly {@link tensorflow.TupleValue.verify|verify} messages.
         * @param message TupleValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TupleValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TupleValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TupleValue & tensorflow.TupleValue.$Shape} TupleValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TupleValue & tensorflow.TupleValue.$Shape;
    }

    namespace TupleValue {

        /** Properties of a TupleValue. */
        interface $Properties {

            /** TupleValue values */
            values?: (tensorflow.StructuredValue.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TupleValue. */
        type $Shape = {
          values?: tensorflow.StructuredValue.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a DictValue.
     * @deprecated Use tensorflow.DictValue.$Properties instead.
     */
    interface IDictValue extends tensorflow.DictValue.$Properties {
    }

    /** Represents a DictValue. */
    class DictValue {

        /**
         * Constructs a new DictValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.DictValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** DictValue fields. */
        fields: { [k: string]: tensorflow.StructuredValue.$Properties };

        /**
         * Creates a new DictValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns DictValue instance
         */
        static create(properties: tensorflow.DictValue.$Shape): tensorflow.DictValue & tensorflow.DictValue.$Shape;
        static create(properties?: tensorflow.DictValue.$Properties): tensorflow.DictValue;

        /**
         * Encodes the specified DictValue message. Does not implicitly {@link tensorflow.DictValue.verify|verify} messages.
         * @param message DictValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.DictValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a DictValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.DictValue & tensorflow.DictValue.$Shape} DictValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.DictValue & tensorflow.DictValue.$Shape;
    }

    namespace DictValue {

        /** Properties of a DictValue. */
        interface $Properties {

            /** DictValue fields */
            fields?: ({ [k: string]: tensorflow.StructuredValue.$Properties }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a DictValue. */
        type $Shape = {
          fields?: { [k: string]: tensorflow.StructuredValue.$Shape }|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a PairValue.
     * @deprecated Use tensorflow.PairValue.$Properties instead.
     */
    interface IPairValue extends tensorflow.PairValue.$Properties {
    }

    /** Represents a PairValue. */
    class PairValue {

        /**
         * Constructs a new PairValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.PairValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** PairValue key. */
        key: string;

        /** PairValue value. */
        value?: (tensorflow.StructuredValue.$Properties|null);

        /**
         * Creates a new PairValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns PairValue instance
         */
        static create(properties: tensorflow.PairValue.$Shape): tensorflow.PairValue & tensorflow.PairValue.$Shape;
        static create(properties?: tensorflow.PairValue.$Properties): tensorflow.PairValue;

        /**
         * Encodes the specified PairValue message. Does not implicitly {@link tensorflow.PairValue.verify|verify} messages.
         * @param message PairValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.PairValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a PairValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.PairValue & tensorflow.PairValue.$Shape} PairValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.PairValue & tensorflow.PairValue.$Shape;
    }

    namespace PairValue {

        /** Properties of a PairValue. */
        interface $Properties {

            /** PairValue key */
            key?: (string|null);

            /** PairValue value */
            value?: (tensorflow.StructuredValue.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a PairValue. */
        type $Shape = {
          key?: string|null;
          value?: tensorflow.StructuredValue.$Shape|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a NamedTupleValue.
     * @deprecated Use tensorflow.NamedTupleValue.$Properties instead.
     */
    interface INamedTupleValue extends tensorflow.NamedTupleValue.$Properties {
    }

    /** Represents a NamedTupleValue. */
    class NamedTupleValue {

        /**
         * Constructs a new NamedTupleValue.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.NamedTupleValue.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** NamedTupleValue name. */
        name: string;

        /** NamedTupleValue values. */
        values: tensorflow.PairValue.$Properties[];

        /**
         * Creates a new NamedTupleValue instance using the specified properties.
         * @param [properties] Properties to set
         * @returns NamedTupleValue instance
         */
        static create(properties: tensorflow.NamedTupleValue.$Shape): tensorflow.NamedTupleValue & tensorflow.NamedTupleValue.$Shape;
        static create(properties?: tensorflow.NamedTupleValue.$Properties): tensorflow.NamedTupleValue;

        /**
         * Encodes the specified NamedTupleValue message. Does not implicitly {@link tensorflow.NamedTupleValue.verify|verify} messages.
         * @param message NamedTupleValue message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.NamedTupleValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a NamedTupleValue message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.NamedTupleValue & tensorflow.NamedTupleValue.$Shape} NamedTupleValue
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.NamedTupleValue & tensorflow.NamedTupleValue.$Shape;
    }

    namespace NamedTupleValue {

        /** Properties of a NamedTupleValue. */
        interface $Properties {

            /** NamedTupleValue name */
            name?: (string|null);

            /** NamedTupleValue values */
            values?: (tensorflow.PairValue.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a NamedTupleValue. */
        type $Shape = {
          name?: string|null;
          values?: tensorflow.PairValue.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a TensorSpecProto.
     * @deprecated Use tensorflow.TensorSpecProto.$Properties instead.
     */
    interface ITensorSpecProto extends tensorflow.TensorSpecProto.$Properties {
    }

    /** Represents a TensorSpecProto. */
    class TensorSpecProto {

        /**
         * Constructs a new TensorSpecProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TensorSpecProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TensorSpecProto name. */
        name: string;

        /** TensorSpecProto shape. */
        shape?: (tensorflow.TensorShapeProto.$Properties|null);

        /** TensorSpecProto dtype. */
        dtype: tensorflow.DataType;

        /**
         * Creates a new TensorSpecProto instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TensorSpecProto instance
         */
        static create(properties: tensorflow.TensorSpecProto.$Shape): tensorflow.TensorSpecProto & tensorflow.TensorSpecProto.$Shape;
        static create(properties?: tensorflow.TensorSpecProto.$Properties): tensorflow.TensorSpecProto;

        /**
         * Encodes the specified TensorSpecProto message. Does not implicitly {@link tensorflow.TensorSpecProto.verify|verify} messages.
         * @param message TensorSpecProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TensorSpecProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TensorSpecProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TensorSpecProto & tensorflow.TensorSpecProto.$Shape} TensorSpecProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TensorSpecProto & tensorflow.TensorSpecProto.$Shape;
    }

    namespace TensorSpecProto {

        /** Properties of a TensorSpecProto. */
        interface $Properties {

            /** TensorSpecProto name */
            name?: (string|null);

            /** TensorSpecProto shape */
            shape?: (tensorflow.TensorShapeProto.$Properties|null);

            /** TensorSpecProto dtype */
            dtype?: (tensorflow.DataType|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TensorSpecProto. */
        type $Shape = tensorflow.TensorSpecProto.$Properties;
    }

    /**
     * Properties of a BoundedTensorSpecProto.
     * @deprecated Use tensorflow.BoundedTensorSpecProto.$Properties instead.
     */
    interface IBoundedTensorSpecProto extends tensorflow.BoundedTensorSpecProto.$Properties {
    }

    /** Represents a BoundedTensorSpecProto. */
    class BoundedTensorSpecProto {

        /**
         * Constructs a new BoundedTensorSpecProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.BoundedTensorSpecProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BoundedTensorSpecProto name. */
        name: string;

        /** BoundedTensorSpecProto shape. */
        shape?: (tensorflow.TensorShapeProto.$Properties|null);

        /** BoundedTensorSpecProto dtype. */
        dtype: tensorflow.DataType;

        /** BoundedTensorSpecProto minimum. */
        minimum?: (tensorflow.TensorProto.$Properties|null);

        /** BoundedTensorSpecProto maximum. */
        maximum?: (tensorflow.TensorProto.$Properties|null);

        /**
         * Creates a new BoundedTensorSpecProto instance using the specified properties.
         * @param [properties] Properties to set
         * @returns BoundedTensorSpecProto instance
         */
        static create(properties: tensorflow.BoundedTensorSpecProto.$Shape): tensorflow.BoundedTensorSpecProto & tensorflow.BoundedTensorSpecProto.$Shape;
        static create(properties?: tensorflow.BoundedTensorSpecProto.$Properties): tensorflow.BoundedTensorSpecProto;

        /**
         * Encodes the specified BoundedTensorSpecProto message. Does not implicitly {@link tensorflow.BoundedTensorSpecProto.verify|verify} messages.
         * @param message BoundedTensorSpecProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.BoundedTensorSpecProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BoundedTensorSpecProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.BoundedTensorSpecProto & tensorflow.BoundedTensorSpecProto.$Shape} BoundedTensorSpecProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.BoundedTensorSpecProto & tensorflow.BoundedTensorSpecProto.$Shape;
    }

    namespace BoundedTensorSpecProto {

        /** Properties of a BoundedTensorSpecProto. */
        interface $Properties {

            /** BoundedTensorSpecProto name */
            name?: (string|null);

            /** BoundedTensorSpecProto shape */
            shape?: (tensorflow.TensorShapeProto.$Properties|null);

            /** BoundedTensorSpecProto dtype */
            dtype?: (tensorflow.DataType|null);

            /** BoundedTensorSpecProto minimum */
            minimum?: (tensorflow.TensorProto.$Properties|null);

            /** BoundedTensorSpecProto maximum */
            maximum?: (tensorflow.TensorProto.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BoundedTensorSpecProto. */
        type $Shape = tensorflow.BoundedTensorSpecProto.$Properties;
    }

    /**
     * Properties of a TypeSpecProto.
     * @deprecated Use tensorflow.TypeSpecProto.$Properties instead.
     */
    interface ITypeSpecProto extends tensorflow.TypeSpecProto.$Properties {
    }

    /** Represents a TypeSpecProto. */
    class TypeSpecProto {

        /**
         * Constructs a new TypeSpecProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: tensorflow.TypeSpecProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TypeSpecProto typeSpecClass. */
        typeSpecClass: tensorflow.TypeSpecProto.TypeSpecClass;

        /** TypeSpecProto typeState. */
        typeState?: (tensorflow.StructuredValue.$Properties|null);

        /** TypeSpecProto typeSpecClassName. */
        typeSpecClassName: string;

        /** TypeSpecProto numFlatComponents. */
        numFlatComponents: number;

        /**
         * Creates a new TypeSpecProto instance using the specified properties.
         * @param [properties] Properties to set
         * @returns TypeSpecProto instance
         */
        static create(properties: tensorflow.TypeSpecProto.$Shape): tensorflow.TypeSpecProto & tensorflow.TypeSpecProto.$Shape;
        static create(properties?: tensorflow.TypeSpecProto.$Properties): tensorflow.TypeSpecProto;

        /**
         * Encodes the specified TypeSpecProto message. Does not implicitly {@link tensorflow.TypeSpecProto.verify|verify} messages.
         * @param message TypeSpecProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: tensorflow.TypeSpecProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TypeSpecProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {tensorflow.TypeSpecProto & tensorflow.TypeSpecProto.$Shape} TypeSpecProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tensorflow.TypeSpecProto & tensorflow.TypeSpecProto.$Shape;
    }

    namespace TypeSpecProto {

        /** Properties of a TypeSpecProto. */
        interface $Properties {

            /** TypeSpecProto typeSpecClass */
            typeSpecClass?: (tensorflow.TypeSpecProto.TypeSpecClass|null);

            /** TypeSpecProto typeState */
            typeState?: (tensorflow.StructuredValue.$Properties|null);

            /** TypeSpecProto typeSpecClassName */
            typeSpecClassName?: (string|null);

            /** TypeSpecProto numFlatComponents */
            numFlatComponents?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TypeSpecProto. */
        type $Shape = {
          typeSpecClass?: tensorflow.TypeSpecProto.TypeSpecClass|null;
          typeState?: tensorflow.StructuredValue.$Shape|null;
          typeSpecClassName?: string|null;
          numFlatComponents?: number|null;
          $unknowns?: Uint8Array[];
        };

        /** TypeSpecClass enum. */
        enum TypeSpecClass {

            /** UNKNOWN value */
            UNKNOWN = 0,

            /** SPARSE_TENSOR_SPEC value */
            SPARSE_TENSOR_SPEC = 1,

            /** INDEXED_SLICES_SPEC value */
            INDEXED_SLICES_SPEC = 2,

            /** RAGGED_TENSOR_SPEC value */
            RAGGED_TENSOR_SPEC = 3,

            /** TENSOR_ARRAY_SPEC value */
            TENSOR_ARRAY_SPEC = 4,

            /** DATA_DATASET_SPEC value */
            DATA_DATASET_SPEC = 5,

            /** DATA_ITERATOR_SPEC value */
            DATA_ITERATOR_SPEC = 6,

            /** OPTIONAL_SPEC value */
            OPTIONAL_SPEC = 7,

            /** PER_REPLICA_SPEC value */
            PER_REPLICA_SPEC = 8,

            /** VARIABLE_SPEC value */
            VARIABLE_SPEC = 9,

            /** ROW_PARTITION_SPEC value */
            ROW_PARTITION_SPEC = 10,

            /** REGISTERED_TYPE_SPEC value */
            REGISTERED_TYPE_SPEC = 12,

            /** EXTENSION_TYPE_SPEC value */
            EXTENSION_TYPE_SPEC = 13
        }
    }

    /** DataType enum. */
    enum DataType {

        /** DT_INVALID value */
        DT_INVALID = 0,

        /** DT_FLOAT value */
        DT_FLOAT = 1,

        /** DT_DOUBLE value */
        DT_DOUBLE = 2,

        /** DT_INT32 value */
        DT_INT32 = 3,

        /** DT_UINT8 value */
        DT_UINT8 = 4,

        /** DT_INT16 value */
        DT_INT16 = 5,

        /** DT_INT8 value */
        DT_INT8 = 6,

        /** DT_STRING value */
        DT_STRING = 7,

        /** DT_COMPLEX64 value */
        DT_COMPLEX64 = 8,

        /** DT_INT64 value */
        DT_INT64 = 9,

        /** DT_BOOL value */
        DT_BOOL = 10,

        /** DT_QINT8 value */
        DT_QINT8 = 11,

        /** DT_QUINT8 value */
        DT_QUINT8 = 12,

        /** DT_QINT32 value */
        DT_QINT32 = 13,

        /** DT_BFLOAT16 value */
        DT_BFLOAT16 = 14,

        /** DT_QINT16 value */
        DT_QINT16 = 15,

        /** DT_QUINT16 value */
        DT_QUINT16 = 16,

        /** DT_UINT16 value */
        DT_UINT16 = 17,

        /** DT_COMPLEX128 value */
        DT_COMPLEX128 = 18,

        /** DT_HALF value */
        DT_HALF = 19,

        /** DT_RESOURCE value */
        DT_RESOURCE = 20,

        /** DT_VARIANT value */
        DT_VARIANT = 21,

        /** DT_UINT32 value */
        DT_UINT32 = 22,

        /** DT_UINT64 value */
        DT_UINT64 = 23,

        /** DT_FLOAT8_E5M2 value */
        DT_FLOAT8_E5M2 = 24,

        /** DT_FLOAT8_E4M3FN value */
        DT_FLOAT8_E4M3FN = 25,

        /** DT_FLOAT8_E4M3FNUZ value */
        DT_FLOAT8_E4M3FNUZ = 26,

        /** DT_FLOAT8_E4M3B11FNUZ value */
        DT_FLOAT8_E4M3B11FNUZ = 27,

        /** DT_FLOAT8_E5M2FNUZ value */
        DT_FLOAT8_E5M2FNUZ = 28,

        /** DT_INT4 value */
        DT_INT4 = 29,

        /** DT_UINT4 value */
        DT_UINT4 = 30,

        /** DT_FLOAT_REF value */
        DT_FLOAT_REF = 101,

        /** DT_DOUBLE_REF value */
        DT_DOUBLE_REF = 102,

        /** DT_INT32_REF value */
        DT_INT32_REF = 103,

        /** DT_UINT8_REF value */
        DT_UINT8_REF = 104,

        /** DT_INT16_REF value */
        DT_INT16_REF = 105,

        /** DT_INT8_REF value */
        DT_INT8_REF = 106,

        /** DT_STRING_REF value */
        DT_STRING_REF = 107,

        /** DT_COMPLEX64_REF value */
        DT_COMPLEX64_REF = 108,

        /** DT_INT64_REF value */
        DT_INT64_REF = 109,

        /** DT_BOOL_REF value */
        DT_BOOL_REF = 110,

        /** DT_QINT8_REF value */
        DT_QINT8_REF = 111,

        /** DT_QUINT8_REF value */
        DT_QUINT8_REF = 112,

        /** DT_QINT32_REF value */
        DT_QINT32_REF = 113,

        /** DT_BFLOAT16_REF value */
        DT_BFLOAT16_REF = 114,

        /** DT_QINT16_REF value */
        DT_QINT16_REF = 115,

        /** DT_QUINT16_REF value */
        DT_QUINT16_REF = 116,

        /** DT_UINT16_REF value */
        DT_UINT16_REF = 117,

        /** DT_COMPLEX128_REF value */
        DT_COMPLEX128_REF = 118,

        /** DT_HALF_REF value */
        DT_HALF_REF = 119,

        /** DT_RESOURCE_REF value */
        DT_RESOURCE_REF = 120,

        /** DT_VARIANT_REF value */
        DT_VARIANT_REF = 121,

        /** DT_UINT32_REF value */
        DT_UINT32_REF = 122,

        /** DT_UINT64_REF value */
        DT_UINT64_REF = 123,

        /** DT_FLOAT8_E5M2_REF value */
        DT_FLOAT8_E5M2_REF = 124,

        /** DT_FLOAT8_E4M3FN_REF value */
        DT_FLOAT8_E4M3FN_REF = 125,

        /** DT_FLOAT8_E4M3FNUZ_REF value */
        DT_FLOAT8_E4M3FNUZ_REF = 126,

        /** DT_FLOAT8_E4M3B11FNUZ_REF value */
        DT_FLOAT8_E4M3B11FNUZ_REF = 127,

        /** DT_FLOAT8_E5M2FNUZ_REF value */
        DT_FLOAT8_E5M2FNUZ_REF = 128,

        /** DT_INT4_REF value */
        DT_INT4_REF = 129,

        /** DT_UINT4_REF value */
        DT_UINT4_REF = 130
    }
}
