using Microsoft.Extensions.Logging;
using Orleans.Fallback.Serialization;

namespace Orleans.Fallback.Network;

/// <summary>What all connections of a process share.</summary>
internal sealed record LinkContext(
    MessageSerializer Serializer, RemoteMethods Methods, NetworkLimits Limits, ILinkHandler Handler, TimeProvider Time, ILogger Log);
