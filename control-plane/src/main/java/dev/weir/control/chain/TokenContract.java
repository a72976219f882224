package dev.weir.control.chain;

import java.math.BigInteger;
import java.util.List;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.generated.Uint256;

/** Calls of an ERC-20, and of the development token that can also mint. Amounts are atomic units. */
public record TokenContract(String address) {
    public TokenContract {
        RegistryContract.requireAddress("token", address);
    }

    /** The development token; its deployer can mint. */
    public static Call deploy() {
        return new Call("deploy token", "", Artifact.TOKEN.bytecode());
    }

    /** Makes new tokens for an account, which only the development token's deployer may. */
    public Call mint(String to, BigInteger amount) {
        return call("mint", new Address(to), new Uint256(amount));
    }

    public Call approve(String spender, BigInteger amount) {
        return call("approve", new Address(spender), new Uint256(amount));
    }

    Call decimals() {
        return call("decimals");
    }

    private Call call(String function, Type<?>... arguments) {
        return new Call(
                function + " of token",
                address,
                FunctionEncoder.encode(new Function(function, List.of(arguments), List.of())));
    }
}
