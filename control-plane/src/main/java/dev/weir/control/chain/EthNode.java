package dev.weir.control.chain;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.weir.control.chain.AbiReader.Malformed;
import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.Node.RawLog;
import dev.weir.xds.PrintableText;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.web3j.protocol.core.DefaultBlockParameter;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.core.methods.request.EthFilter;
import org.web3j.protocol.core.methods.response.EthBlock;
import org.web3j.protocol.core.methods.response.EthCall;
import org.web3j.protocol.core.methods.response.EthChainId;
import org.web3j.protocol.core.methods.response.EthGetCode;
import org.web3j.protocol.core.methods.response.Log;
import org.web3j.utils.Numeric;

/** A node reached by JSON-RPC. Every answer is checked; what is not as it should be is a {@link NodeException}. */
final class EthNode implements Node {
    private static final Pattern HASH = Pattern.compile("0x[0-9a-f]{64}");
    /** Geth and anvil say "unknown block", others "block not found" or "header not found". */
    private static final Pattern UNKNOWN_BLOCK = Pattern.compile("unknown block|(block|header|resource).*not found");

    private static final int MAX_QUOTED = 200;
    private static final int MAX_VIEW_BYTES = 1024;
    /** Ten to this power is the largest that 256 bits hold. */
    private static final BigInteger MAX_DECIMALS = BigInteger.valueOf(77);

    private final HttpRpc rpc;

    EthNode(HttpRpc rpc) {
        this.rpc = rpc;
    }

    @Override
    public long chainId() throws NodeException {
        return number(() -> required(result("eth_chainId", EthChainId.class), "eth_chainId"), "eth_chainId");
    }

    @Override
    public boolean hasCode(String address) throws NodeException {
        String code = required(result("eth_getCode", EthGetCode.class, address, "latest"), "eth_getCode");
        return code.length() > 2;
    }

    @Override
    public Header head() throws NodeException {
        return header("latest").orElseThrow(() -> new NodeException(said("no latest block")));
    }

    @Override
    public Optional<Header> header(long number) throws NodeException {
        Optional<Header> header = header("0x" + Long.toHexString(number));
        if (header.isPresent() && header.get().number() != number) {
            throw new NodeException(
                    said("asked for block " + number + ", got " + header.get().number()));
        }
        return header;
    }

    @Override
    public Optional<List<RawLog>> logs(LogFilter filter, Header block) throws NodeException {
        LogsAnswer answer =
                send("eth_getLogs", LogsAnswer.class, with(filter, new EthFilter(block.hash(), filter.registry())));
        if (answer.hasError() && isUnknownBlock(answer.getError())) {
            return Optional.empty();
        }
        return Optional.of(rawLogs(answer));
    }

    @Override
    public List<RawLog> logs(LogFilter filter, long from, long to) throws NodeException {
        EthFilter request = new EthFilter(
                DefaultBlockParameter.valueOf(BigInteger.valueOf(from)),
                DefaultBlockParameter.valueOf(BigInteger.valueOf(to)),
                filter.registry());
        return rawLogs(send("eth_getLogs", LogsAnswer.class, with(filter, request)));
    }

    private static EthFilter with(LogFilter filter, EthFilter request) {
        filter.topics().forEach(any -> request.addOptionalTopics(any.toArray(String[]::new)));
        return request;
    }

    @Override
    public int stakeDecimals(String registry) throws NodeException {
        String token = address(words(new RegistryContract(registry).token(), 1).get(0));
        BigInteger decimals = words(new TokenContract(token).decimals(), 1).get(0);
        if (decimals.compareTo(MAX_DECIMALS) > 0) {
            throw new NodeException(said("decimals of token: " + decimals + " (expected: 0 - " + MAX_DECIMALS + ")"));
        }
        return decimals.intValueExact();
    }

    @Override
    public Optional<StoredProvider> provider(String registry, String name) throws NodeException {
        List<BigInteger> words = words(new RegistryContract(registry).providerOf(name), StoredProvider.WORDS);
        return StoredProvider.of(name, words);
    }

    /** The first {@code count} words that a contract answers, as numbers; changes nothing. */
    List<BigInteger> words(Call call, int count) throws NodeException {
        Map<String, String> request = new TreeMap<>(Map.of("to", call.to(), "data", call.data()));
        EthCall answer = send("eth_call", EthCall.class, request, "latest");
        if (answer.hasError()) {
            String data = answer.getError().getData();
            String why = data == null ? text(answer.getError()) : "reverted: " + Revert.reason(data);
            throw new NodeException(
                    said(call.what() + ": " + why),
                    NodeWords.reason(answer.getError().getMessage()),
                    Optional.empty());
        }
        try {
            AbiReader data = new AbiReader(String.valueOf(answer.getValue()), MAX_VIEW_BYTES);
            List<BigInteger> words = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                words.add(data.unsigned(32 * i, 256));
            }
            return words;
        } catch (Malformed e) {
            throw new NodeException(said(call.what() + ": no contract that knows it at " + call.to()));
        }
    }

    /** The address in a word. */
    static String address(BigInteger word) {
        return Numeric.toHexStringWithPrefixZeroPadded(word.mod(BigInteger.ONE.shiftLeft(160)), 40);
    }

    private Optional<Header> header(String block) throws NodeException {
        EthBlock answer = send("eth_getBlockByNumber", EthBlock.class, block, false);
        EthBlock.Block found = checked(answer, "eth_getBlockByNumber").getBlock();
        if (found == null) {
            return Optional.empty();
        }
        long number = number(found::getNumberRaw, "block number");
        return Optional.of(new Header(number, hash(found.getHash()), hash(found.getParentHash())));
    }

    /** Base fee of the newest block, wei; 0 on a chain without one. */
    BigInteger baseFee() throws NodeException {
        EthBlock answer = send("eth_getBlockByNumber", EthBlock.class, "latest", false);
        EthBlock.Block found = required(checked(answer, "eth_getBlockByNumber").getBlock(), "eth_getBlockByNumber");
        String fee = found.getBaseFeePerGasRaw();
        return fee == null ? BigInteger.ZERO : BigInteger.valueOf(number(() -> fee, "base fee"));
    }

    private List<RawLog> rawLogs(LogsAnswer answer) throws NodeException {
        List<@Nullable Log> found = required(checked(answer, "eth_getLogs").getResult(), "eth_getLogs");
        List<RawLog> logs = new ArrayList<>(found.size());
        for (Log log : found) {
            if (log == null
                    || log.getAddress() == null
                    || log.getData() == null
                    || log.getTopics() == null
                    || log.getTopics().stream().anyMatch(topic -> topic == null)) {
                throw new NodeException(said("eth_getLogs: an entry that is no log"));
            }
            logs.add(new RawLog(
                    log.getAddress().toLowerCase(Locale.ROOT),
                    log.getTopics(),
                    log.getData(),
                    number(log::getBlockNumberRaw, "log's block number"),
                    hash(log.getBlockHash()),
                    number(log::getLogIndexRaw, "log index"),
                    log.isRemoved()));
        }
        return logs;
    }

    /** The result of a call; null where the node answered null. */
    <T, R extends Response<T>> @Nullable T result(String method, Class<R> type, Object... parameters)
            throws NodeException {
        return checked(send(method, type, parameters), method).getResult();
    }

    /** The whole answer of a call, which may be an error. */
    <R extends Response<?>> R send(String method, Class<R> type, Object... parameters) throws NodeException {
        try {
            R answer = rpc.send(new Request<>(method, List.of(parameters), rpc, type), type);
            return required(answer, method);
        } catch (JsonProcessingException e) {
            throw new NodeException(said(method + ": no JSON-RPC answer"));
        } catch (HttpRpc.Refused e) {
            throw new NodeException(said(method + ": " + e.getMessage()), e.reason(), e.retryAfter());
        } catch (IOException e) {
            String why = e instanceof ConnectException ? "cannot connect" : String.valueOf(e.getMessage());
            throw new NodeException(said(method + ": " + why));
        }
    }

    private <R extends Response<?>> R checked(R answer, String method) throws NodeException {
        if (answer.hasError()) {
            Response.Error error = answer.getError();
            throw new NodeException(
                    said(method + ": error " + text(error)), NodeWords.reason(error.getMessage()), Optional.empty());
        }
        return answer;
    }

    private <T> T required(@Nullable T value, String what) throws NodeException {
        if (value == null) {
            throw new NodeException(said(what + ": an empty answer"));
        }
        return value;
    }

    private long number(Quantity quantity, String what) throws NodeException {
        String text = quantity.text();
        // 15 hex digits: below 2^60, far beyond every block number and chain id in use
        if (text == null || !text.matches("0x[0-9a-fA-F]{1,15}")) {
            throw new NodeException(said(what + ": \"" + quoted(text) + "\" (expected: 0x and up to 15 hex digits)"));
        }
        return Long.parseLong(text.substring(2), 16);
    }

    private String hash(@Nullable String text) throws NodeException {
        String lower = text == null ? "" : text.toLowerCase(Locale.ROOT);
        if (!HASH.matcher(lower).matches()) {
            throw new NodeException(said("hash: \"" + quoted(text) + "\" (expected: 0x and 64 hex digits)"));
        }
        return lower;
    }

    private static boolean isUnknownBlock(Response.Error error) {
        String message = error.getMessage();
        return message != null
                && UNKNOWN_BLOCK.matcher(message.toLowerCase(Locale.ROOT)).find();
    }

    static String text(Response.Error error) {
        return error.getCode() + " \"" + quoted(error.getMessage()) + "\"";
    }

    private static String quoted(@Nullable String text) {
        return PrintableText.shown(String.valueOf(text), MAX_QUOTED);
    }

    private String said(String what) {
        return rpc.peer() + ": " + what;
    }

    /** A list of logs and nothing else: web3j's own type takes whatever is no list of objects for an empty one. */
    static final class LogsAnswer extends Response<List<@Nullable Log>> {}

    /** A number as the node wrote it. */
    private interface Quantity {
        @Nullable
        String text() throws NodeException;
    }
}
