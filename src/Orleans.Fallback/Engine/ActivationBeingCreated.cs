using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>Gives the constructor of a grain its context, which it does not get as an argument.</summary>
internal static class ActivationBeingCreated
{
    // Thread-static and not async-local: a constructor runs on one thread, and nothing must leak out of it.
    [ThreadStatic]
    private static IGrainContext? _current;

    public static IGrainContext Current => _current!;

    public static T Run<T>(IGrainContext context, Func<T> create)
    {
        var outer = _current;
        _current = context;
        try
        {
            return create();
        }
        finally
        {
            _current = outer;
        }
    }
}
