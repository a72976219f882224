package dev.weir.bench.loop;

import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.server.XdsServer;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Clairvoyant join-the-shortest-queue: sends each call to the provider with the least expected wait
 * {@code (N + 1 - s) / mu}, N what really is there plus what was sent and has not arrived, mu its speed at this moment. Runs
 * on the providers' own event loop, so that N is exact.
 */
final class JsqCheck extends AuthorizationGrpc.AuthorizationImplBase implements AutoCloseable {
    private final List<JobServer> providers;
    private final List<List<Integer>> members;
    private final long[] sent;
    private final EventLoop loop;
    private final XdsServer server;

    private JsqCheck(Plant plant, List<JobServer> providers, EventLoop loop) throws IOException {
        this.providers = List.copyOf(providers);
        this.members = IntStream.range(0, plant.pools().size())
                .mapToObj(plant::members)
                .toList();
        this.sent = new long[providers.size()];
        this.loop = loop;
        this.server = XdsServer.start(new InetSocketAddress("127.0.0.1", 0), List.of(this), ByteBudget.ofHeap());
    }

    static JsqCheck start(Plant plant, List<JobServer> providers, EventLoop loop) {
        try {
            return new JsqCheck(plant, providers, loop);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.port();
    }

    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> answers) {
        String pool = request.getAttributes().getRequest().getHttp().getHeadersOrDefault(Headers.POOL, "0");
        loop.execute(() -> {
            answers.onNext(answer(pick(Integer.parseInt(pool))));
            answers.onCompleted();
        });
    }

    /** Free slots count as negative waits: among several that are free the emptiest is taken. */
    private int pick(int pool) {
        List<Integer> candidates = members.get(pool);
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int member = 0; member < candidates.size(); member++) {
            int at = candidates.get(member);
            JobServer provider = providers.get(at);
            Server server = provider.server();
            // a try that Envoy made again by itself was not sent from here, hence not below 0
            double load = provider.inSystem() + Math.max(0, sent[at] - provider.attempts());
            double wait = (load + 1 - server.slots()) / server.capacity() / Math.max(1e-9, provider.speed());
            if (wait < least) {
                least = wait;
                best = member;
            }
        }
        sent[candidates.get(best)]++;
        return best;
    }

    private static CheckResponse answer(int member) {
        return CheckResponse.newBuilder()
                .setStatus(com.google.rpc.Status.getDefaultInstance())
                .setOkResponse(OkHttpResponse.newBuilder()
                        .addHeaders(HeaderValueOption.newBuilder()
                                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                                .setHeader(HeaderValue.newBuilder()
                                        .setKey(WeirHeaders.PICK)
                                        .setValue(Integer.toString(PeerBootstrap.pick(member))))))
                .build();
    }

    @Override
    public void close() {
        server.close();
    }
}
