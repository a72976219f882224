package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.RuntimeFeatureFlag;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.compression.brotli.decompressor.v3.Brotli;
import io.envoyproxy.envoy.extensions.compression.gzip.decompressor.v3.Gzip;
import io.envoyproxy.envoy.extensions.compression.zstd.decompressor.v3.Zstd;
import io.envoyproxy.envoy.extensions.filters.http.decompressor.v3.Decompressor;
import io.envoyproxy.envoy.extensions.filters.http.decompressor.v3.Decompressor.CommonDirectionConfig;
import io.envoyproxy.envoy.extensions.filters.http.decompressor.v3.Decompressor.RequestDirectionConfig;
import io.envoyproxy.envoy.extensions.filters.http.decompressor.v3.Decompressor.ResponseDirectionConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;

/**
 * The filters that decompress what agents send, so that it can be read. Answers pass as they are. A piece that grows to more
 * than 100 times its size ends the data there, without an error: who reads the body must notice that its end is missing.
 */
final class Decompression {
    private static final BoolValue NO = BoolValue.of(false);

    private Decompression() {}

    /** The filters, in no order: each takes one encoding. */
    static List<HttpFilter> filters() {
        return List.of(
                filter("gzip", Gzip.getDefaultInstance()),
                filter("br", Brotli.getDefaultInstance()),
                filter("zstd", Zstd.getDefaultInstance()));
    }

    private static HttpFilter filter(String encoding, Message library) {
        Decompressor filter = Decompressor.newBuilder()
                .setDecompressorLibrary(
                        TypedExtensionConfig.newBuilder().setName(encoding).setTypedConfig(Any.pack(library)))
                .setRequestDirectionConfig(RequestDirectionConfig.newBuilder()
                        .setAdvertiseAcceptEncoding(NO)
                        // the provider gets what the agent said, whatever encoding carried it here
                        .setCommonConfig(CommonDirectionConfig.newBuilder().setIgnoreNoTransformHeader(true)))
                .setResponseDirectionConfig(ResponseDirectionConfig.newBuilder()
                        .setCommonConfig(CommonDirectionConfig.newBuilder()
                                .setEnabled(RuntimeFeatureFlag.newBuilder()
                                        .setDefaultValue(NO)
                                        .setRuntimeKey("weir.decompress_answers"))))
                .build();
        return Listeners.filter("weir.decompress." + encoding, Any.pack(filter));
    }
}
