package dev.weir.control.chain;

import dev.weir.control.model.Declarations.Block;
import java.math.BigInteger;

/**
 * A registry that was deployed.
 *
 * @param token address of the staked token
 * @param registry its address
 * @param block where it was deployed: the first block to read
 */
public record Deployment(String token, String registry, Block block) {

    /** Deploys a development token and a registry over it. */
    public static Deployment withDevToken(Wallet wallet, BigInteger minStake, long unbondingSeconds)
            throws NodeException, InterruptedException {
        return over(contract(wallet.execute(TokenContract.deploy())), wallet, minStake, unbondingSeconds);
    }

    /** Deploys a registry over a token that exists. */
    public static Deployment over(String token, Wallet wallet, BigInteger minStake, long unbondingSeconds)
            throws NodeException, InterruptedException {
        Receipt registry = wallet.execute(RegistryContract.deploy(token, minStake, unbondingSeconds));
        return new Deployment(token, contract(registry), registry.block());
    }

    private static String contract(Receipt receipt) throws NodeException {
        return receipt.contract().orElseThrow(() -> new NodeException("receipt: names no contract"));
    }
}
