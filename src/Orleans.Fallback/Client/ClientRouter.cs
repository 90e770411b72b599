using Orleans.Fallback.Engine;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Network;
using Orleans.Runtime;

namespace Orleans.Fallback.Client;

/// <summary>Sends the requests of a client's process: to the silo that owns the grain, or to an observer here.</summary>
internal sealed class ClientRouter(ObserverRegistry observers, SiloGate gate, LocalProcess self, Lazy<ClusterNetwork> network) : IRequestRouter
{
    public void Send(Request request)
    {
        try
        {
            if (ObserverRegistry.IsObserver(request.Target))
            {
                SendToObserver(request);
            }
            else if (gate.Refusal is { } refusal)
            {
                throw new SiloUnavailableException($"{refusal}, so {request.Method} to {request.Target} was not delivered.");
            }
            else if (network.Value.Placement.OwnerOf(request.Target) is { } owner)
            {
                network.Value.SendToSilo(owner, request);
            }
            else
            {
                throw new SiloUnavailableException($"No silo is known to be active, so {request.Method} to {request.Target} was not delivered.");
            }
        }
        catch (Exception exception)
        {
            request.Sink?.Fail(exception);
        }
    }

    private void SendToObserver(Request request)
    {
        if (ObserverRegistry.ProcessOf(request.Target) != self.Name)
        {
            throw new OrleansMessageRejectionException($"{request.Target} is not an observer of this client, and only silos can call others.");
        }

        observers.Dispatch(request);
    }
}
