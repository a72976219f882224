package dev.weir.xds.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.server.XdsServer;
import dev.weir.xds.wire.ErrorCode;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real HTTP/2, from a client that is no Envoy. */
final class CheckServiceIT {
    private final ConcurrentLinkedQueue<Consumer<CheckAnswer>> held = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<CheckedRequest> seen = new ConcurrentLinkedQueue<>();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile boolean holds;
    private XdsServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = XdsServer.start(
                new InetSocketAddress("127.0.0.1", 0), List.of(new CheckService(this::check)), ByteBudget.ofHeap());
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    private AnswerListener check(CheckedRequest check, Consumer<CheckAnswer> answer) {
        seen.add(check);
        if (check.pool().equals("broken")) {
            throw new IllegalStateException("broken");
        }
        if (holds) {
            held.add(answer);
        } else {
            answer.accept(new Pass(Map.of("weir-pick", "3"), Map.of("reservation", "1-1", "price", 100)));
        }
        return new AnswerListener() {
            @Override
            public void arrived() {
                arrived.incrementAndGet();
            }

            @Override
            public void left() {
                left.incrementAndGet();
            }
        };
    }

    private static CheckRequest request(String id, String pool) {
        AttributeContext.Builder attributes = AttributeContext.newBuilder().putContextExtensions("pool", pool);
        attributes.getRequestBuilder().getHttpBuilder().putHeaders("x-request-id", id);
        return CheckRequest.newBuilder().setAttributes(attributes).build();
    }

    private CheckResponse ask(CheckRequest request) {
        return AuthorizationGrpc.newBlockingStub(channel).check(request);
    }

    private static String error(CheckResponse response, int status) {
        assertThat(response.getStatus().getCode()).isEqualTo(7);
        assertThat(response.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(status);
        assertThat(response.getDeniedResponse().getHeadersList())
                .anyMatch(h -> h.getHeader().getKey().equals("content-type"));
        return response.getDeniedResponse().getBody();
    }

    @Test
    void a_pass_carries_headers_and_facts() {
        CheckResponse response = ask(request("r", "chat"));
        assertThat(response.getStatus().getCode()).isZero();
        assertThat(response.getOkResponse().getHeaders(0).getHeader().getKey()).isEqualTo("weir-pick");
        assertThat(response.getOkResponse().getHeaders(0).getHeader().getValue())
                .isEqualTo("3");
        assertThat(response.getDynamicMetadata().getFieldsOrThrow("price").getNumberValue())
                .isEqualTo(100);
    }

    @Test
    void checks_of_one_connection_have_one_asker_and_those_of_another_another() {
        ask(request("r1", "chat"));
        ask(request("r2", "chat"));
        ManagedChannel second = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        try {
            CheckResponse response = AuthorizationGrpc.newBlockingStub(second).check(request("r3", "chat"));
            assertThat(response.getStatus().getCode()).isZero();
        } finally {
            second.shutdownNow();
        }
        List<String> askers = seen.stream().map(CheckedRequest::asker).toList();
        assertThat(askers.get(0)).contains("127.0.0.1").isEqualTo(askers.get(1)).isNotEqualTo(askers.get(2));
    }

    @Test
    void what_a_request_follows_up_comes_along_and_what_is_no_name_does_not() {
        for (String follows : List.of("", "p2", "no name", "x".repeat(254), "\u20ac")) {
            CheckRequest.Builder request = request("f" + follows.hashCode(), "chat").toBuilder();
            request.getAttributesBuilder()
                    .getMetadataContextBuilder()
                    .putFilterMetadata(
                            "weir.req",
                            Struct.newBuilder()
                                    .putFields(
                                            "follows",
                                            Value.newBuilder()
                                                    .setStringValue(follows)
                                                    .build())
                                    .build());
            assertThat(ask(request.build()).hasOkResponse()).isTrue();
        }
        assertThat(seen).extracting(CheckedRequest::follows).containsExactly("", "p2", "", "", "");
    }

    @Test
    void what_cannot_be_read_is_refused_with_what_was_expected() {
        assertThat(error(ask(request("", "chat")), 400))
                .contains("x-request-id")
                .contains("1-128 printable");
        assertThat(error(ask(request("x".repeat(129), "chat")), 400)).contains("invalid_request_id");
        assertThat(error(ask(request("a\u0000\u20ac", "chat")), 400)).contains("a??");
        assertThat(error(ask(request("r", "")), 400)).contains("context_extensions.pool");
        assertThat(error(ask(request("r", "p".repeat(254))), 400)).contains("invalid_pool");
        assertThat(error(ask(CheckRequest.getDefaultInstance()), 400)).contains("invalid_request_id");
        CheckRequest.Builder large = request("r", "chat").toBuilder();
        large.getAttributesBuilder().getRequestBuilder().getHttpBuilder().putHeaders("x-large", "y".repeat(300_000));
        assertThat(error(ask(large.build()), 431)).contains("request_too_large");
    }

    @Test
    void a_handler_that_throws_gives_a_verdict_all_the_same() {
        assertThat(error(ask(request("r", "broken")), 500)).contains("check_failed");
    }

    @Test
    void random_bytes_get_a_verdict_or_nothing_and_the_server_goes_on() {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            CheckResponse response = ClientCalls.blockingUnaryCall(channel, raw(), CallOptions.DEFAULT, bytes);
            assertThat(response.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(400);
        }
        assertThat(ask(request("r", "chat")).hasOkResponse()).isTrue();
    }

    @Test
    void ten_thousand_that_wait_and_leave_are_all_heard_of_and_a_late_answer_harms_nobody() {
        holds = true;
        for (int i = 0; i < 10_000; i++) {
            var unused = AuthorizationGrpc.newFutureStub(channel).check(request("r" + i, "chat"));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> held.size() == 10_000);
        channel.shutdownNow();
        await().atMost(Duration.ofSeconds(30)).until(() -> left.get() == 10_000);
        held.forEach(answer -> answer.accept(Pass.UNCHANGED));
        assertThat(left.get()).as("each left once").isEqualTo(10_000);
    }

    @Test
    void an_answer_is_given_once() {
        holds = true;
        var asked = AuthorizationGrpc.newFutureStub(channel).check(request("r", "chat"));
        await().until(() -> !held.isEmpty());
        Consumer<CheckAnswer> answer = held.remove();
        answer.accept(Refusals.busy(ErrorCode.QUEUE_FULL, "Try again.", "r", 250));
        answer.accept(Pass.UNCHANGED);
        await().until(asked::isDone);
        assertThat(left.get()).isZero();
    }

    @Test
    void an_answer_arrives_when_it_was_read_not_when_it_was_written() throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        CountDownLatch deaf = new CountDownLatch(1);
        ManagedChannel second = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .build();
        try {
            holds = true;
            var asked = AuthorizationGrpc.newFutureStub(second).check(request("r", "chat"));
            await().until(() -> !held.isEmpty());
            var unused = loop.submit(() -> {
                deaf.await();
                return null;
            });
            held.remove().accept(Pass.UNCHANGED);
            holds = false;
            for (int i = 1; i <= 3; i++) { // each shows that the server has long been done with the first
                int others = i;
                ask(request("other" + i, "chat"));
                await().untilAsserted(() -> assertThat(arrived).hasValue(others));
            }
            assertThat(asked.isDone()).isFalse();
            deaf.countDown();
            await().untilAsserted(() -> assertThat(arrived).hasValue(4));
            assertThat(asked.isDone()).isTrue();
            assertThat(left).hasValue(0);
        } finally {
            deaf.countDown();
            second.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
            var ended = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            assertThat(ended.isSuccess()).isTrue();
        }
    }

    @Test
    void a_check_says_how_long_its_answer_is_waited_for() {
        var unused = AuthorizationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(7, TimeUnit.SECONDS)
                .check(request("r", "chat"));
        ask(request("patient", "chat"));
        assertThat(seen.remove().patienceNanos()).isBetween(1L, 7_000_000_000L);
        assertThat(seen.remove().patienceNanos()).isEqualTo(CheckedRequest.MAX_PATIENCE_NANOS);
    }

    private static MethodDescriptor<byte[], CheckResponse> raw() {
        return AuthorizationGrpc.getCheckMethod().toBuilder(
                        new MethodDescriptor.Marshaller<byte[]>() {
                            @Override
                            public InputStream stream(byte[] value) {
                                return new ByteArrayInputStream(value);
                            }

                            @Override
                            public byte[] parse(InputStream stream) {
                                return new byte[0];
                            }
                        },
                        ProtoUtils.marshaller(CheckResponse.getDefaultInstance()))
                .build();
    }
}
