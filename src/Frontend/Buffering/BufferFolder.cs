using Admission.Frontend.Configuration;

namespace Admission.Frontend.Buffering;

/// <summary>Where buffers keep their files.</summary>
/// <param name="Path">The folder; it is created when it is needed.</param>
internal sealed record BufferFolder(string Path)
{
    /// <summary>Under the data folder where one is set, else among the system's temporary files.</summary>
    public static BufferFolder For(AdmissionSection section) =>
        new(System.IO.Path.Combine(section.Section["DataFolder"] ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), "admission"), "buffers"));
}
