// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CapacityRegistry} from "../src/CapacityRegistry.sol";
import {DevToken} from "../src/DevToken.sol";
import {IERC20} from "../src/TokenTransfer.sol";
import {Check} from "./Check.sol";

/// @notice Three owners who do everything that is allowed, in any order, and a book of what they put in and took out.
contract Owners is Check {
    uint256 public constant COUNT = 3;
    uint256 public constant MIN_STAKE = 50;
    uint64 public constant DELAY = 1 days;

    DevToken public immutable token = new DevToken();
    CapacityRegistry public immutable registry =
        new CapacityRegistry(IERC20(address(token)), MIN_STAKE, DELAY);
    bytes32[] public ids;
    uint256[COUNT] public paidIn;
    uint256[COUNT] public paidOut;
    uint256 public time = 1_000_000;

    constructor() {
        for (uint256 i = 0; i < COUNT; i++) {
            token.mint(owner(i), 1e12);
            vm.prank(owner(i));
            token.approve(address(registry), type(uint256).max);
            vm.prank(owner(i));
            ids.push(registry.register(label(i), owner(i), bytes32(i), MIN_STAKE));
            paidIn[i] = MIN_STAKE;
        }
    }

    function label(uint256 i) public pure returns (string memory) {
        return string(abi.encodePacked("p", bytes1(uint8(48 + i))));
    }

    function register(uint256 who, uint256 amount) external {
        who = who % COUNT;
        if (registry.providerOf(ids[who]).owner != address(0)) return;
        amount = between(amount, MIN_STAKE, 1_000);
        vm.prank(owner(who));
        registry.register(label(who), owner(who), bytes32(who), amount);
        paidIn[who] += amount;
    }

    function release(uint256 who) external {
        who = who % COUNT;
        if (registry.providerOf(ids[who]).owner == address(0)) return;
        vm.prank(owner(who));
        registry.release(ids[who]);
    }

    function withdrawReleased(uint256 who) external {
        who = who % COUNT;
        vm.warp(time);
        CapacityRegistry.Payout memory p = registry.payoutOf(owner(who));
        if (p.amount == 0 || time < p.releaseAt) return;
        vm.prank(owner(who));
        registry.withdrawReleased();
        paidOut[who] += p.amount;
    }

    function owner(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    function stake(uint256 who, uint256 amount) external {
        who = who % COUNT;
        if (registry.providerOf(ids[who]).owner == address(0)) return;
        amount = between(amount, 1, 1_000);
        vm.prank(owner(who));
        registry.stake(ids[who], amount);
        paidIn[who] += amount;
    }

    function requestUnstake(uint256 who, uint256 amount) external {
        who = who % COUNT;
        uint256 staked = registry.providerOf(ids[who]).staked;
        if (staked <= MIN_STAKE) return;
        vm.prank(owner(who));
        registry.requestUnstake(ids[who], between(amount, 1, staked - MIN_STAKE));
    }

    function withdrawStake(uint256 who) external {
        who = who % COUNT;
        vm.warp(time);
        CapacityRegistry.Provider memory p = registry.providerOf(ids[who]);
        if (p.unbonding == 0 || time < p.releaseAt) return;
        vm.prank(owner(who));
        registry.withdrawStake(ids[who]);
        paidOut[who] += p.unbonding;
    }

    function declare(uint256 who, uint64 milli, uint32 slots) external {
        who = who % COUNT;
        if (registry.providerOf(ids[who]).owner == address(0)) return;
        string[] memory none = new string[](0);
        vm.prank(owner(who));
        registry.declare(ids[who], uint64(between(milli, 1, 1e12)), uint32(between(slots, 0, 1e6)), none);
    }

    function pass(uint256 duration) external {
        time += between(duration, 1, 2 days);
        vm.warp(time);
    }
}

contract StakeInvariants is Check {
    Owners private owners;

    function setUp() public {
        owners = new Owners();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(owners);
    }

    function invariant_stakes_and_what_is_unbonding_are_the_token_balance() public view {
        uint256 sum;
        for (uint256 i = 0; i < owners.COUNT(); i++) {
            CapacityRegistry.Provider memory p = owners.registry().providerOf(owners.ids(i));
            sum += p.staked + p.unbonding + owners.registry().payoutOf(owners.owner(i)).amount;
        }
        eq(owners.token().balanceOf(address(owners.registry())), sum, "balance");
    }

    function invariant_nobody_gets_more_or_less_than_what_they_paid_in() public view {
        for (uint256 i = 0; i < owners.COUNT(); i++) {
            CapacityRegistry.Provider memory p = owners.registry().providerOf(owners.ids(i));
            uint256 payout = owners.registry().payoutOf(owners.owner(i)).amount;
            eq(owners.paidIn(i), owners.paidOut(i) + p.staked + p.unbonding + payout, "paid in");
            eq(
                owners.token().balanceOf(owners.owner(i)), 1e12 - owners.paidIn(i) + owners.paidOut(i), "owner's balance"
            );
        }
    }

    function invariant_a_name_is_held_by_the_minimum_stake_and_nothing_is_declared_without_one() public view {
        for (uint256 i = 0; i < owners.COUNT(); i++) {
            CapacityRegistry.Provider memory p = owners.registry().providerOf(owners.ids(i));
            bool held = p.owner != address(0);
            if (held && p.staked < owners.MIN_STAKE()) revert NotEqual(p.staked, owners.MIN_STAKE(), "stake");
            if (!held) eq(p.milliUnitsPerSecond + p.staked + p.unbonding, 0, "nothing is left of a released name");
            if (p.milliUnitsPerSecond == 0) eq(p.slots, 0, "no slots without a capacity");
        }
    }
}
