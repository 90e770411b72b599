using Orleans.Fallback.Messages;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>Sends requests to the silo of this process. Issue 3 decides here between this silo, another one and a client.</summary>
internal sealed class Router(ObserverRegistry observers, Lazy<Catalog> catalog, SiloGate gate) : IRequestRouter
{
    public void Send(Request request)
    {
        try
        {
            if (ObserverRegistry.IsObserver(request.Target))
            {
                observers.Dispatch(request);
            }
            else if (gate.Refusal is { } refusal)
            {
                request.Sink?.Fail(new SiloUnavailableException($"{refusal}, so {request.Method} to {request.Target} was not delivered."));
            }
            else
            {
                catalog.Value.Dispatch(request);
            }
        }
        catch (Exception exception)
        {
            request.Sink?.Fail(exception);
        }
    }
}
