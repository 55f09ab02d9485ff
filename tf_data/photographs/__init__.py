"""Color photographs of public repositories, collected into one folder to train on."""
