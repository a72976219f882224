package dev.weir.control.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.abi.datatypes.generated.Uint32;
import org.web3j.abi.datatypes.generated.Uint64;

/** The contract {@code test/Strangers.sol} on a chain, compiled by the solc that {@code WEIR_SOLC} names. */
record Strangers(String address, Wallet wallet) {

    /** Deploys it with plenty of tokens. */
    static Strangers deploy(DevChain chain, Deployment deployment, int account) throws Exception {
        // its receipts hold as many logs as its blocks
        EthNode patient = new EthNode(new HttpRpc(chain.anvil.rpc(), Duration.ofSeconds(60), 256 << 20));
        Wallet wallet = new Wallet(
                patient,
                Anvil.DEFAULT_CHAIN_ID,
                PrivateKey.devAccount(account),
                Duration.ofSeconds(60),
                System::nanoTime,
                time -> Thread.sleep(time.toMillis()));
        String arguments = FunctionEncoder.encodeConstructor(
                List.of(new Address(deployment.registry()), new Address(deployment.token())));
        Receipt receipt = wallet.execute(new Call("deploy strangers", "", bytecode() + arguments));
        String address = receipt.contract().orElseThrow();
        chain.wallet(0).execute(new TokenContract(deployment.token()).mint(address, BigInteger.TEN.pow(18)));
        return new Strangers(address, wallet);
    }

    Receipt squat(String name, long milli, int slots) throws Exception {
        return call("squat", new Utf8String(name), new Uint64(milli), new Uint32(slots));
    }

    Receipt crowd(int from, int count) throws Exception {
        return call("crowd", new Uint256(from), new Uint256(count));
    }

    Receipt poison(String name, int count) throws Exception {
        return call("poison", new Utf8String(name), new Uint256(count));
    }

    Receipt flood(String name, int count) throws Exception {
        return call("flood", new Utf8String(name), new Uint256(count));
    }

    Receipt hand(String name, String owner) throws Exception {
        return call("hand", new Utf8String(name), new Address(owner));
    }

    private Receipt call(String function, Type<?>... arguments) throws Exception {
        String data = FunctionEncoder.encode(new Function(function, List.of(arguments), List.of()));
        return wallet.execute(new Call(function, address, data));
    }

    private static String bytecode() throws IOException, InterruptedException {
        Path solidity = Path.of("src/main/solidity").toAbsolutePath();
        Map<String, Map<String, String>> sources = new HashMap<>();
        for (String folder : List.of("src", "test")) {
            try (Stream<Path> files = Files.list(solidity.resolve(folder))) {
                for (Path file : files.filter(each -> !each.toString().contains(".t.sol"))
                        .toList()) {
                    sources.put(folder + "/" + file.getFileName(), Map.of("content", Files.readString(file)));
                }
            }
        }
        Map<String, Object> settings = Map.of(
                "evmVersion", "cancun",
                "optimizer", Map.of("enabled", true, "runs", 200),
                "outputSelection", Map.of("test/Strangers.sol", Map.of("Strangers", List.of("evm.bytecode.object"))));
        ObjectMapper json = new ObjectMapper();
        Process solc = new ProcessBuilder(System.getenv("WEIR_SOLC"), "--standard-json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream in = solc.getOutputStream()) {
            in.write(json.writeValueAsBytes(Map.of("language", "Solidity", "sources", sources, "settings", settings)));
        }
        JsonNode result = json.readTree(solc.getInputStream());
        solc.waitFor();
        String code = result.at("/contracts/test~1Strangers.sol/Strangers/evm/bytecode/object")
                .asText();
        if (code.isEmpty()) {
            throw new IOException("solc: " + result.path("errors"));
        }
        return "0x" + code;
    }
}
