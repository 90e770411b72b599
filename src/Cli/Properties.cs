using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Cli.Tests")]
[assembly: InternalsVisibleTo("Admission.Kubernetes.Tests")]
