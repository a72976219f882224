// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Balances and allowances without a word about results.
abstract contract OddToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function _move(address from, address to, uint256 sent, uint256 arriving) internal {
        balanceOf[from] -= sent;
        balanceOf[to] += arriving;
    }
}

/// @notice Returns nothing.
contract SilentToken is OddToken {
    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount, amount);
    }
}

/// @notice Keeps 1 % of each transfer.
contract FeeToken is OddToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount, amount - amount / 100);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount, amount - amount / 100);
        return true;
    }
}

/// @notice Says false instead of reverting.
contract RefusingToken is OddToken {
    bool public open;

    function setOpen(bool open_) external {
        open = open_;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (!open) return false;
        _move(msg.sender, to, amount, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (!open) return false;
        _move(from, to, amount, amount);
        return true;
    }
}

/// @notice Answers a transfer with something that is no boolean.
contract BabblingToken is OddToken {
    function transferFrom(address from, address to, uint256 amount) external returns (uint256) {
        _move(from, to, amount, amount);
        return 2;
    }
}

/// @notice Calls the sender before and the receiver after it moves tokens, as ERC-777 does.
contract HookToken is OddToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _hook(msg.sender);
        _move(msg.sender, to, amount, amount);
        _hook(to);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _hook(from);
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount, amount);
        return true;
    }

    function _hook(address account) private {
        if (account.code.length == 0) return;
        (bool ok,) = account.call(abi.encodeWithSignature("onToken()"));
        ok; // a receiver without the hook is none of the token's business
    }
}
