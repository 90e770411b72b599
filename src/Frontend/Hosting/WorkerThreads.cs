namespace Admission.Frontend.Hosting;

/// <summary>How many threads the gateway's pool makes without hesitation.</summary>
/// <remarks>
/// The runtime's own answer is one for each processor, and on few processors the thread that waits for the sockets then gets its turn as soon as one answer is there, over and over. With more
/// threads than processors it finds more answers at a time: 8 to 14 % more requests a second with 16 to 64 connections, for 8 to 10 % less processor time each (docs/performance.md, two processors).
/// </remarks>
internal static class WorkerThreads
{
    /// <summary>The least; where there are more processors the runtime's answer stands.</summary>
    public const int Least = 16;

    /// <summary>The runtime's setting, in <c>runtimeconfig.json</c>.</summary>
    public const string Setting = "System.Threading.ThreadPool.MinThreads";

    /// <summary>The same from the environment.</summary>
    public const string Variable = "DOTNET_ThreadPool_ForceMinWorkerThreads";

    /// <summary>Raises the pool's minimum, unless somebody has said what it is to be.</summary>
    public static void Raise()
    {
        if (AppContext.GetData(Setting) is not null || Environment.GetEnvironmentVariable(Variable) is not null)
        {
            return;
        }

        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.GetMaxThreads(out var most, out _);
        if (workers < Math.Min(Least, most))
        {
            ThreadPool.SetMinThreads(Math.Min(Least, most), completions);
        }
    }
}
