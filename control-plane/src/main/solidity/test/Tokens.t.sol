// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CapacityRegistry} from "../src/CapacityRegistry.sol";
import {DevToken} from "../src/DevToken.sol";
import {IERC20, TokenTransfer} from "../src/TokenTransfer.sol";
import {Check} from "./Check.sol";
import {BabblingToken, FeeToken, HookToken, OddToken, RefusingToken, SilentToken} from "./Tokens.sol";

/// @notice Tokens that are not as the standard wants them.
contract TokensTest is Check {
    function test_a_token_that_returns_nothing_works() public {
        SilentToken token = new SilentToken();
        (CapacityRegistry registry, bytes32 id) = _staked(token, 100);
        eq(registry.providerOf(id).staked, 100, "stake");
        registry.requestUnstake(id, 100);
        registry.withdrawStake(id);
        eq(token.balanceOf(address(this)), 100, "back");
    }

    function test_only_what_arrives_counts_when_the_token_takes_a_fee() public {
        FeeToken token = new FeeToken();
        (CapacityRegistry registry, bytes32 id) = _staked(token, 1_000);
        eq(registry.providerOf(id).staked, 990, "stake");
        eq(token.balanceOf(address(registry)), 990, "balance");
        registry.requestUnstake(id, 990);
        registry.withdrawStake(id);
        eq(token.balanceOf(address(registry)), 0, "everything can leave");
    }

    function test_only_what_arrives_counts_towards_the_minimum_stake() public {
        FeeToken token = new FeeToken();
        CapacityRegistry registry = new CapacityRegistry(IERC20(address(token)), 100, 0);
        token.mint(address(this), 1_000);
        token.approve(address(registry), 1_000);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, 99, 100));
        registry.register("odd", address(this), 0, 100);
        bytes32 id = registry.register("odd", address(this), 0, 102);
        eq(registry.providerOf(id).staked, 101, "stake");
    }

    function test_false_is_a_failure_in_both_directions() public {
        RefusingToken token = new RefusingToken();
        token.setOpen(true);
        (CapacityRegistry registry, bytes32 id) = _staked(token, 100);
        registry.requestUnstake(id, 40);
        token.setOpen(false);
        bytes memory failed = abi.encodeWithSelector(TokenTransfer.TransferFailed.selector, address(token));
        vm.expectRevert(failed);
        registry.stake(id, 1);
        vm.expectRevert(failed);
        registry.withdrawStake(id);
        eq(registry.providerOf(id).unbonding, 40, "a refused payment loses nothing");
    }

    function test_an_answer_that_is_no_boolean_is_a_failure() public {
        BabblingToken token = new BabblingToken();
        CapacityRegistry registry = new CapacityRegistry(IERC20(address(token)), 0, 0);
        bytes32 id = registry.register("odd", address(this), 0, 0);
        token.mint(address(this), 100);
        vm.expectRevert(abi.encodeWithSelector(TokenTransfer.TransferFailed.selector, address(token)));
        registry.stake(id, 100);
    }

    function test_a_token_cannot_stake_twice_in_one_call() public {
        _attack(abi.encodeWithSelector(CapacityRegistry.stake.selector, bytes32(0), 100));
    }

    function test_a_token_cannot_withdraw_in_the_middle_of_a_stake() public {
        _attack(abi.encodeWithSelector(CapacityRegistry.withdrawStake.selector, bytes32(0)));
    }

    function test_a_token_cannot_unstake_in_the_middle_of_a_stake() public {
        _attack(abi.encodeWithSelector(CapacityRegistry.requestUnstake.selector, bytes32(0), 100));
    }

    function test_a_token_cannot_release_the_name_in_the_middle_of_a_stake() public {
        _attack(abi.encodeWithSelector(CapacityRegistry.release.selector, bytes32(0)));
    }

    function test_a_token_cannot_withdraw_what_was_released_in_the_middle_of_a_stake() public {
        _attack(abi.encodeWithSelector(CapacityRegistry.withdrawReleased.selector, bytes32(0)));
    }

    function test_the_development_token_is_minted_by_its_deployer_only() public {
        DevToken token = new DevToken();
        vm.expectRevert(abi.encodeWithSelector(DevToken.NotMinter.selector, address(0xBAD)));
        vm.prank(address(0xBAD));
        token.mint(address(0xBAD), 1);
        token.mint(address(this), 5);
        vm.expectRevert(abi.encodeWithSelector(DevToken.InsufficientBalance.selector, 5, 6));
        token.transfer(address(1), 6);
        token.approve(address(0xBAD), 3);
        vm.prank(address(0xBAD));
        token.transferFrom(address(this), address(0xBAD), 2);
        vm.expectRevert(abi.encodeWithSelector(DevToken.InsufficientAllowance.selector, 1, 2));
        vm.prank(address(0xBAD));
        token.transferFrom(address(this), address(0xBAD), 2);
        eq(token.balanceOf(address(0xBAD)), 2, "moved");
        eq(token.totalSupply(), 5, "supply");
    }

    function _attack(bytes memory call_) private {
        HookToken token = new HookToken();
        CapacityRegistry registry = new CapacityRegistry(IERC20(address(token)), 0, 0);
        Reenterer attacker = new Reenterer(registry, token);
        token.mint(address(attacker), 1_000);
        attacker.prepare();
        attacker.attack(call_);
        eq(attacker.calls(), 1, "the token called back");
        same(attacker.answer(), abi.encodeWithSelector(CapacityRegistry.Reentered.selector), "answer");
        eq(registry.providerOf(attacker.id()).staked, 300, "only the outer stake counts");
        eq(token.balanceOf(address(registry)), 400, "balance");
    }

    function _staked(OddToken token, uint256 amount) private returns (CapacityRegistry registry, bytes32 id) {
        registry = new CapacityRegistry(IERC20(address(token)), 0, 0);
        token.mint(address(this), amount);
        token.approve(address(registry), amount);
        id = registry.register("odd", address(this), 0, 0);
        registry.stake(id, amount);
    }
}

/// @notice Owns a provider and calls the registry again while its tokens are moved.
contract Reenterer {
    CapacityRegistry private immutable registry;
    HookToken private immutable token;
    bytes32 public id;
    bytes private again;
    bytes public answer;
    uint256 public calls;

    constructor(CapacityRegistry registry_, HookToken token_) {
        registry = registry_;
        token = token_;
    }

    function prepare() external {
        token.approve(address(registry), type(uint256).max);
        id = registry.register("evil", address(this), 0, 0);
        registry.stake(id, 200);
        registry.requestUnstake(id, 100);
    }

    function attack(bytes calldata call_) external {
        again = call_;
        registry.stake(id, 200);
    }

    function onToken() external {
        if (again.length == 0) return;
        calls++;
        bytes memory data = again;
        bytes32 own = id;
        assembly {
            mstore(add(data, 36), own)
        }
        (, answer) = address(registry).call(data);
    }
}
