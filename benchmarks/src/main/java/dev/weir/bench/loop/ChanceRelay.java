package dev.weir.bench.loop;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stands between sidecars and the control plane and takes from every pushed split the header that draws it smoothly, so that
 * Envoy draws by chance. All else passes unchanged: the control plane under test has no such switch.
 */
final class ChanceRelay extends HandlerRegistry implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 32 << 20;

    private final ManagedChannel controlPlane;
    private final Server server;

    /** @param xdsPort of the control plane */
    ChanceRelay(int xdsPort) {
        controlPlane = NettyChannelBuilder.forAddress("127.0.0.1", xdsPort)
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .directExecutor()
                .build();
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .fallbackHandlerRegistry(this)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .directExecutor()
                .build();
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getPort();
    }

    @Override
    public ServerMethodDefinition<byte[], byte[]> lookupMethod(String name, @Nullable String authority) {
        MethodDescriptor<byte[], byte[]> method = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(name)
                .setRequestMarshaller(RelayedCall.BYTES)
                .setResponseMarshaller(RelayedCall.BYTES)
                .build();
        boolean configuration = name.equals(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                .getFullMethodName());
        UnaryOperator<byte[]> edit = configuration ? ChanceRelay::byChance : UnaryOperator.identity();
        return ServerMethodDefinition.create(
                method, (call, headers) -> RelayedCall.start(call, headers, controlPlane, edit));
    }

    static byte[] byChance(byte[] response) {
        try {
            DeltaDiscoveryResponse.Builder edited = DeltaDiscoveryResponse.parseFrom(response).toBuilder();
            for (Resource.Builder resource : edited.getResourcesBuilderList()) {
                if (resource.getResource().is(RouteConfiguration.class)) {
                    resource.setResource(
                            Any.pack(byChance(resource.getResource().unpack(RouteConfiguration.class))));
                }
            }
            return edited.build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a response of the control plane", e);
        }
    }

    private static RouteConfiguration byChance(RouteConfiguration routes) {
        RouteConfiguration.Builder edited = routes.toBuilder();
        for (VirtualHost.Builder host : edited.getVirtualHostsBuilderList()) {
            for (Route.Builder route : host.getRoutesBuilderList()) {
                if (route.getRoute().hasWeightedClusters()) {
                    route.getRouteBuilder().getWeightedClustersBuilder().clearHeaderName();
                }
            }
        }
        return edited.build();
    }

    @Override
    public void close() {
        server.shutdownNow();
        controlPlane.shutdownNow();
    }
}
