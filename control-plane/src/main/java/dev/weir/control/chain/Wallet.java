package dev.weir.control.chain;

import dev.weir.control.model.Declarations.Block;
import dev.weir.control.model.Signer;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.web3j.crypto.Hash;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.Sign.SignatureData;
import org.web3j.crypto.TransactionEncoder;
import org.web3j.protocol.core.methods.response.EthCall;
import org.web3j.protocol.core.methods.response.EthEstimateGas;
import org.web3j.protocol.core.methods.response.EthGetTransactionCount;
import org.web3j.protocol.core.methods.response.EthGetTransactionReceipt;
import org.web3j.protocol.core.methods.response.EthMaxPriorityFeePerGas;
import org.web3j.protocol.core.methods.response.EthSendTransaction;
import org.web3j.protocol.core.methods.response.TransactionReceipt;
import org.web3j.utils.Numeric;

/**
 * Sends one account's transactions (EIP-1559). Each is tried on the node first, so that one that would be reverted is
 * refused with its reason and costs nothing. Several can be sent before the first is in a block. Not safe for several threads.
 */
public final class Wallet {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RECEIPT_POLL = Duration.ofMillis(100);
    /** Gas beyond the estimate, percent: other transactions may come first. */
    private static final long GAS_MARGIN = 25;

    private final EthNode node;
    private final long chainId;
    private final Signer signer;
    private final Duration receiptTimeout;
    private final LongSupplier nanos;
    private final Pause pause;
    private boolean verified;

    /** Waits. */
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /** A transaction that a node has accepted. */
    public record Sent(Call call, String transaction) {}

    /**
     * @param rpc the node
     * @param chainId the only chain that is signed for
     * @param signer whose account sends and pays
     * @param receiptTimeout how long {@link #confirm} waits for each transaction
     */
    public Wallet(URI rpc, long chainId, Signer signer, Duration receiptTimeout) {
        this(
                new EthNode(new HttpRpc(rpc, CALL_TIMEOUT, ChainReader.MAX_ANSWER_BYTES)),
                chainId,
                signer,
                receiptTimeout,
                System::nanoTime,
                time -> Thread.sleep(time.toMillis()));
    }

    Wallet(EthNode node, long chainId, Signer signer, Duration receiptTimeout, LongSupplier nanos, Pause pause) {
        this.node = node;
        this.chainId = chainId;
        this.signer = signer;
        this.receiptTimeout = receiptTimeout;
        this.nanos = nanos;
        this.pause = pause;
    }

    public String address() {
        return signer.address();
    }

    /** Sends a call and waits until it is in a block. */
    public Receipt execute(Call call) throws NodeException, InterruptedException {
        return confirm(send(call));
    }

    /**
     * Tries, signs and sends a call; does not wait for its block.
     *
     * @throws NodeException when the call would be reverted (the message says why) or the node does not take it
     */
    public Sent send(Call call) throws NodeException {
        return send(call, "pending");
    }

    /** @param triedAt block whose state the call is tried on */
    Sent send(Call call, String triedAt) throws NodeException {
        if (!verified) {
            long found = node.chainId();
            if (found != chainId) {
                throw new NodeException("chain id: " + found + " (expected: " + chainId + ")");
            }
            verified = true;
        }
        long gas = estimate(call, triedAt);
        BigInteger tip = quantity(
                node.result("eth_maxPriorityFeePerGas", EthMaxPriorityFeePerGas.class), "eth_maxPriorityFeePerGas");
        BigInteger maxFee = node.baseFee().shiftLeft(1).add(tip); // base fee may double in six full blocks
        BigInteger nonce = quantity(
                node.result("eth_getTransactionCount", EthGetTransactionCount.class, address(), "pending"),
                "eth_getTransactionCount");
        RawTransaction transaction = RawTransaction.createTransaction(
                chainId, nonce, BigInteger.valueOf(gas), call.to(), BigInteger.ZERO, call.data(), tip, maxFee);
        String hash = node.result("eth_sendRawTransaction", EthSendTransaction.class, signed(transaction));
        if (hash == null) {
            throw new NodeException(call.what() + ": no transaction hash");
        }
        return new Sent(call, hash);
    }

    private String signed(RawTransaction transaction) {
        byte[] signature = signer.sign(Hash.sha3(TransactionEncoder.encode(transaction)));
        SignatureData parts = new SignatureData(
                signature[64], Arrays.copyOfRange(signature, 0, 32), Arrays.copyOfRange(signature, 32, 64));
        return Numeric.toHexString(TransactionEncoder.encode(transaction, parts));
    }

    /** Waits until a transaction is in a block, and checks that it succeeded. */
    public Receipt confirm(Sent sent) throws NodeException, InterruptedException {
        long deadline = nanos.getAsLong() + receiptTimeout.toNanos();
        while (true) {
            EthGetTransactionReceipt answer =
                    node.send("eth_getTransactionReceipt", EthGetTransactionReceipt.class, sent.transaction());
            Optional<TransactionReceipt> found = answer.hasError() ? Optional.empty() : answer.getTransactionReceipt();
            if (found.isPresent()) {
                return checked(sent, found.get());
            }
            if (nanos.getAsLong() - deadline > 0) {
                throw new NodeException(sent.call().what() + ": transaction " + sent.transaction()
                        + " is in no block after " + receiptTimeout.toSeconds() + " s");
            }
            pause.of(RECEIPT_POLL);
        }
    }

    /** Waits for several. */
    public List<Receipt> confirm(List<Sent> all) throws NodeException, InterruptedException {
        List<Receipt> receipts = new ArrayList<>();
        for (Sent sent : all) {
            receipts.add(confirm(sent));
        }
        return receipts;
    }

    /** The first {@code count} words that a call answers, as numbers; changes nothing. */
    public List<BigInteger> readWords(Call call, int count) throws NodeException {
        return node.words(call, count);
    }

    /** The address that a call answers; changes nothing. */
    public String readAddress(Call call) throws NodeException {
        return EthNode.address(node.words(call, 1).get(0));
    }

    private long estimate(Call call, String block) throws NodeException {
        EthEstimateGas answer = node.send("eth_estimateGas", EthEstimateGas.class, request(call), block);
        if (answer.hasError()) {
            String data = answer.getError().getData();
            String why = data == null ? EthNode.text(answer.getError()) : "reverted: " + Revert.reason(data);
            throw new NodeException(call.what() + ": " + why);
        }
        BigInteger gas = quantity(answer.getResult(), "eth_estimateGas");
        return gas.longValue() * (100 + GAS_MARGIN) / 100;
    }

    private Receipt checked(Sent sent, TransactionReceipt receipt) throws NodeException {
        if (!receipt.isStatusOK()) {
            EthCall again = node.send("eth_call", EthCall.class, request(sent.call()), receipt.getBlockNumberRaw());
            String data = again.hasError() ? again.getError().getData() : null;
            throw new NodeException(sent.call().what() + ": transaction " + sent.transaction() + " was reverted: "
                    + Revert.reason(data));
        }
        return new Receipt(
                sent.transaction(),
                new Block(
                        quantity(receipt.getBlockNumberRaw(), "receipt's block number")
                                .longValue(),
                        receipt.getBlockHash()),
                quantity(receipt.getGasUsedRaw(), "receipt's gas").longValue(),
                Optional.ofNullable(receipt.getContractAddress()));
    }

    private Map<String, String> request(Call call) {
        Map<String, String> request = new TreeMap<>(Map.of("from", address(), "data", call.data()));
        if (!call.to().isEmpty()) {
            request.put("to", call.to());
        }
        return request;
    }

    private static BigInteger quantity(@Nullable String text, String what) throws NodeException {
        if (text == null || !text.matches("0x[0-9a-fA-F]{1,30}")) {
            throw new NodeException(what + ": no number");
        }
        return new BigInteger(text.substring(2), 16);
    }
}
