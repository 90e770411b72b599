namespace Admission.Grains.Cluster;

/// <summary>What a connection is for; part of the proofs.</summary>
internal enum HandshakePurpose : byte
{
    None = 0,

    /// <summary>From silo to silo.</summary>
    Silo = (byte)'s',

    /// <summary>From a client to a silo.</summary>
    Client = (byte)'c',
}
