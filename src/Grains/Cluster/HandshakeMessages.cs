using System.Security.Cryptography;

namespace Admission.Grains.Cluster;

/// <summary>What the two sides of a connection show each other.</summary>
/// <remarks>
/// <code>
/// opener   -> acceptor   magic, purpose, nonce of the opener              41 bytes
/// acceptor -> opener     magic, nonce of the acceptor                     40 bytes
/// opener   -> acceptor   HMAC(key, "opener"   purpose, both nonces)       32 bytes
/// acceptor -> opener     HMAC(key, "acceptor" purpose, both nonces)       32 bytes
/// </code>
/// The opener proves first: who knows nothing gets 40 bytes, of which 32 are random, and never anything made with the key, so that a scanner of ports
/// takes nothing home to guess with. Both nonces are in both proofs, so that nothing recorded can be used again; the words keep one side's proof from being sent
/// back as the other's, and the purpose keeps one for the clients' port from being used at the silos'. The version is part of the magic.
/// What this does not do: it does not encrypt, and it does not bind what follows to the proof. Who can change packets on the way can take a
/// connection over after the handshake. Against that there is TLS.
/// </remarks>
internal static class HandshakeMessages
{
    public const int NonceBytes = 32;
    public const int ProofBytes = HMACSHA256.HashSizeInBytes;
    public const int OpeningBytes = MagicBytes + 1 + NonceBytes;
    public const int ChallengeBytes = MagicBytes + NonceBytes;

    private const int MagicBytes = 8;

    private static ReadOnlySpan<byte> Magic => "Admit\0\0\x1"u8;

    /// <summary>The opener's first message.</summary>
    public static byte[] Opening(HandshakePurpose purpose, ReadOnlySpan<byte> nonce) => [.. Magic, (byte)purpose, .. nonce];

    /// <summary>Reads the opener's first message: its nonce, or null if it is not for this purpose or nothing of ours at all.</summary>
    public static byte[]? ReadOpening(ReadOnlySpan<byte> message, HandshakePurpose purpose) =>
        message.Length == OpeningBytes && message[..MagicBytes].SequenceEqual(Magic) && message[MagicBytes] == (byte)purpose
            ? message[(MagicBytes + 1)..].ToArray() : null;

    /// <summary>The acceptor's answer.</summary>
    public static byte[] Challenge(ReadOnlySpan<byte> nonce) => [.. Magic, .. nonce];

    /// <summary>Reads the acceptor's answer: its nonce, or null if it is nothing of ours.</summary>
    public static byte[]? ReadChallenge(ReadOnlySpan<byte> message) =>
        message.Length == ChallengeBytes && message[..MagicBytes].SequenceEqual(Magic) ? message[MagicBytes..].ToArray() : null;

    /// <summary>The opener's proof.</summary>
    public static byte[] OpenerProof(byte[] key, HandshakePurpose purpose, byte[] openerNonce, byte[] acceptorNonce) =>
        Proof(key, [.. "admission opener"u8, (byte)purpose, .. openerNonce, .. acceptorNonce]);

    /// <summary>The acceptor's proof.</summary>
    public static byte[] AcceptorProof(byte[] key, HandshakePurpose purpose, byte[] openerNonce, byte[] acceptorNonce) =>
        Proof(key, [.. "admission acceptor"u8, (byte)purpose, .. openerNonce, .. acceptorNonce]);

    /// <summary>Compares proofs in a time that says nothing about them.</summary>
    public static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(one, other);

    private static byte[] Proof(byte[] key, byte[] what) => HMACSHA256.HashData(key, what);
}
