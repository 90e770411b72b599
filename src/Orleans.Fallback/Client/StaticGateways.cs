using System.Net;

namespace Orleans.Fallback.Client;

/// <summary>The gateways that a client was told.</summary>
internal sealed record StaticGateways(IReadOnlyList<IPEndPoint> Endpoints);
