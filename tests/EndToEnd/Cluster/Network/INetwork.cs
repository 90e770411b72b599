using System.Net;
using System.Net.Sockets;

namespace Admission.EndToEnd.Cluster.Network;

/// <summary>Where a process of the cluster is.</summary>
/// <param name="Address">Where others reach it.</param>
/// <param name="Prefix">What stands before the command that starts it.</param>
/// <param name="NewSocket">Makes a socket that is there too.</param>
internal sealed record Place(IPAddress Address, IReadOnlyList<string> Prefix, Func<Socket> NewSocket);

/// <summary>What the processes of a cluster are connected by.</summary>
internal interface INetwork : IAsyncDisposable
{
    /// <summary>The database's name in links.</summary>
    const string Database = "postgres";

    /// <summary>The place of the backends and of the clients, which no fault of the network touches.</summary>
    const string Outside = "outside";

    /// <summary>What it is, for reports.</summary>
    string Description { get; }

    /// <summary>The place of a process.</summary>
    Place PlaceOf(string name);

    /// <summary>The port at which the others reach a server that listens on a port.</summary>
    int Reach(string server, int port);

    /// <summary>Where a process reaches the database, which listens on a port of this machine's loopback address.</summary>
    IPEndPoint ReachDatabase(string opener, int port);

    /// <summary>The link between two processes, or between a process and the database.</summary>
    ILink Link(string from, string to);
}
