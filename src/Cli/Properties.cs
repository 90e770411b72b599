using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Cli.Tests")]
