using Microsoft.Extensions.Hosting;

namespace Orleans.Fallback.Membership;

/// <summary>Ends the process of a silo that is no part of the cluster any more.</summary>
internal class SiloExit(IHostApplicationLifetime lifetime)
{
    /// <summary>The exit code of the process: an internal software error, by the BSD convention.</summary>
    public const int Code = 70;

    /// <summary>Stops the host; the process ends with <see cref="Code"/>, unless its main method returns another.</summary>
    public virtual void Leave()
    {
        Environment.ExitCode = Code;
        lifetime.StopApplication();
    }
}
